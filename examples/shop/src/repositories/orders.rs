use std::collections::HashMap;

use async_trait::async_trait;
use buttress::sql::{Row, Statement, sql};
use buttress::store::{Error, Session};
use uuid::Uuid;

use crate::domain::{Customer, Note, Order, OrderFilter, OrderId, OrderLine, OrderPosition, Sku, Sort, Status};
use crate::repositories::OrderRepository;

/// Orders in an SQL database.
#[derive(Debug, Clone, Copy, Default)]
pub struct SqlOrders;

const SELECT: &str = "SELECT id, customer, status, total, note, created_at, updated_at, version FROM orders WHERE TRUE";

#[async_trait]
impl OrderRepository for SqlOrders {
    async fn get(&self, on: &mut Session, id: OrderId) -> Result<Option<Order>, Error> {
        let rows = sql(SELECT).push("AND id = ?").bind(id.0).fetch_all(on).await?;
        Ok(with_lines(on, &rows).await?.pop())
    }

    async fn lock(&self, on: &mut Session, id: OrderId) -> Result<Option<Order>, Error> {
        // SQLite has one writer, which needs no further lock.
        let select = sql(SELECT).push("AND id = ? FOR UPDATE").sqlite("AND id = ?").bind(id.0);
        let rows = select.fetch_all(on).await?;
        Ok(with_lines(on, &rows).await?.pop())
    }

    async fn list(
        &self,
        on: &mut Session,
        filter: &OrderFilter,
        sort: Sort,
        after: Option<&OrderPosition>,
        limit: u32,
    ) -> Result<Vec<Order>, Error> {
        let select = paged(filtered(sql(SELECT), filter), sort, after);
        let rows = select.bind(limit).fetch_all(on).await?;
        with_lines(on, &rows).await
    }

    async fn insert(&self, on: &mut Session, order: &Order) -> Result<(), Error> {
        let insert = sql("INSERT INTO orders (id, customer, status, total, note, created_at, updated_at, version)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
        let insert = insert.bind(order.id.0).bind(order.customer.as_str()).bind(order.status.as_str());
        let insert = insert.bind(order.total).bind(note(order)).bind(order.created_at).bind(order.updated_at);
        insert.bind(order.version).execute(on).await?;
        insert_lines(on, order).await
    }

    async fn update(&self, on: &mut Session, order: &Order) -> Result<(), Error> {
        let update =
            sql("UPDATE orders SET customer = ?, status = ?, note = ?, updated_at = ?, version = ? WHERE id = ?");
        let update = update.bind(order.customer.as_str()).bind(order.status.as_str()).bind(note(order));
        update.bind(order.updated_at).bind(order.version).bind(order.id.0).execute(on).await?;
        Ok(())
    }

    async fn delete(&self, on: &mut Session, id: OrderId) -> Result<(), Error> {
        sql("DELETE FROM orders WHERE id = ?").bind(id.0).execute(on).await?;
        Ok(())
    }
}

fn note(order: &Order) -> Option<&str> {
    order.note.as_ref().map(|note| note.0.as_str())
}

fn filtered<'q>(mut select: Statement<'q>, filter: &'q OrderFilter) -> Statement<'q> {
    if let Some(customer) = &filter.customer {
        select = select.push("AND customer = ?").bind(customer.as_str());
    }
    if let Some(status) = filter.status {
        select = select.push("AND status = ?").bind(status.as_str());
    }
    select
}

/// Continues after a position: `key >= ? AND (key > ? OR id > ?)`, a form that every database answers from the index
/// alone.
fn paged<'q>(mut select: Statement<'q>, sort: Sort, after: Option<&OrderPosition>) -> Statement<'q> {
    let (behind, order) = match sort {
        Sort::Oldest => ("AND created_at >= ? AND (created_at > ? OR id > ?)", "ORDER BY created_at, id LIMIT ?"),
        Sort::Newest => {
            ("AND created_at <= ? AND (created_at < ? OR id < ?)", "ORDER BY created_at DESC, id DESC LIMIT ?")
        }
        Sort::Cheapest => ("AND total >= ? AND (total > ? OR id > ?)", "ORDER BY total, id LIMIT ?"),
        Sort::Dearest => ("AND total <= ? AND (total < ? OR id < ?)", "ORDER BY total DESC, id DESC LIMIT ?"),
    };
    if let Some(OrderPosition { created_at, total, id }) = after {
        select = select.push(behind);
        select = match sort {
            Sort::Oldest | Sort::Newest => select.bind(*created_at).bind(*created_at),
            Sort::Cheapest | Sort::Dearest => select.bind(*total).bind(*total),
        };
        select = select.bind(id.0);
    }
    select.push(order)
}

async fn insert_lines(on: &mut Session, order: &Order) -> Result<(), Error> {
    let insert = sql("INSERT INTO order_lines (order_id, position, sku, quantity, unit_price) VALUES");
    let insert = insert.push_rows((0_i64..).zip(&order.lines), |row, (position, line)| {
        row.bind(order.id.0).bind(position).bind(line.sku.as_str()).bind(line.quantity).bind(line.unit_price)
    });
    insert.execute(on).await?;
    Ok(())
}

/// Adds the lines to orders, all read in one query.
async fn with_lines(on: &mut Session, rows: &[Row]) -> Result<Vec<Order>, Error> {
    let mut orders = rows.iter().map(order).collect::<Result<Vec<_>, _>>()?;
    let select = sql("SELECT order_id, sku, quantity, unit_price FROM order_lines WHERE order_id IN");
    let select = select.push_list(orders.iter().map(|order| order.id.0)).push("ORDER BY order_id, position");
    let mut lines: HashMap<Uuid, Vec<OrderLine>> = HashMap::new();
    if !orders.is_empty() {
        for row in select.fetch_all(on).await? {
            lines.entry(row.get("order_id")?).or_default().push(line(&row)?);
        }
    }
    for order in &mut orders {
        order.lines = lines.remove(&order.id.0).unwrap_or_default();
    }
    Ok(orders)
}

fn order(row: &Row) -> Result<Order, Error> {
    let status: String = row.get("status")?;
    Ok(Order {
        id: OrderId(row.get("id")?),
        customer: Customer(row.get("customer")?),
        status: Status::parse(&status).ok_or_else(|| Error::corrupt("a status"))?,
        lines: Vec::new(),
        total: row.get("total")?,
        note: row.get::<Option<String>>("note")?.map(Note),
        created_at: row.get("created_at")?,
        updated_at: row.get("updated_at")?,
        version: row.get("version")?,
    })
}

fn line(row: &Row) -> Result<OrderLine, Error> {
    Ok(OrderLine {
        sku: Sku::stored(row.get("sku")?),
        quantity: row.get("quantity")?,
        unit_price: row.get("unit_price")?,
    })
}
