use std::collections::HashMap;

use async_trait::async_trait;
use buttress::exchange::Timestamp;
use sqlx::sqlite::Sqlite;
use sqlx::{FromRow, QueryBuilder, query};
use uuid::Uuid;

use crate::domain::{Customer, Note, Order, OrderFilter, OrderId, OrderLine, OrderPosition, Sku, Sort, Status};
use crate::repositories::{OrderRepository, Session, StoreError};

/// Orders in SQLite.
#[derive(Debug, Clone, Copy, Default)]
pub struct SqliteOrders;

const SELECT: &str = "SELECT id, customer, status, total, note, created_at, updated_at, version FROM orders WHERE ";

#[async_trait]
impl OrderRepository for SqliteOrders {
    async fn get(&self, session: &mut Session, id: OrderId) -> Result<Option<Order>, StoreError> {
        let mut select = QueryBuilder::new(SELECT);
        select.push("id = ").push_bind(id.0);
        let row: Option<OrderRow> = select.build_query_as().fetch_optional(session.connection()).await?;
        Ok(with_lines(session, row.into_iter().collect()).await?.pop())
    }

    async fn list(
        &self,
        session: &mut Session,
        filter: &OrderFilter,
        sort: Sort,
        after: Option<&OrderPosition>,
        limit: u32,
    ) -> Result<Vec<Order>, StoreError> {
        let mut select = QueryBuilder::new(SELECT);
        push_filter(&mut select, filter);
        push_page(&mut select, sort, after, limit);
        let rows = select.build_query_as().fetch_all(session.connection()).await?;
        with_lines(session, rows).await
    }

    async fn insert(&self, session: &mut Session, order: &Order) -> Result<(), StoreError> {
        let insert = query(
            "INSERT INTO orders (id, customer, status, total, note, created_at, updated_at, version)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        );
        let insert = insert.bind(order.id.0).bind(order.customer.as_str()).bind(order.status.as_str());
        let insert =
            insert.bind(order.total).bind(order.note.as_ref().map(|note| &note.0)).bind(micros(order.created_at));
        insert.bind(micros(order.updated_at)).bind(order.version).execute(session.connection()).await?;
        insert_lines(session, order).await
    }

    async fn update(&self, session: &mut Session, order: &Order) -> Result<(), StoreError> {
        let update =
            query("UPDATE orders SET customer = ?, status = ?, note = ?, updated_at = ?, version = ? WHERE id = ?");
        let update = update
            .bind(order.customer.as_str())
            .bind(order.status.as_str())
            .bind(order.note.as_ref().map(|note| &note.0));
        let update = update.bind(micros(order.updated_at)).bind(order.version).bind(order.id.0);
        update.execute(session.connection()).await?;
        Ok(())
    }

    async fn delete(&self, session: &mut Session, id: OrderId) -> Result<(), StoreError> {
        query("DELETE FROM orders WHERE id = ?").bind(id.0).execute(session.connection()).await?;
        Ok(())
    }
}

fn push_filter(select: &mut QueryBuilder<Sqlite>, filter: &OrderFilter) {
    select.push("TRUE");
    if let Some(customer) = &filter.customer {
        select.push(" AND customer = ").push_bind(customer.as_str().to_owned());
    }
    if let Some(status) = filter.status {
        select.push(" AND status = ").push_bind(status.as_str());
    }
}

/// Continues behind a position: `key >= ? AND (key > ? OR id > ?)`, the form that every database answers from the
/// index alone.
fn push_page(select: &mut QueryBuilder<Sqlite>, sort: Sort, after: Option<&OrderPosition>, limit: u32) {
    let (column, beyond, direction) = match sort {
        Sort::Oldest => ("created_at", ">", "ASC"),
        Sort::Newest => ("created_at", "<", "DESC"),
        Sort::Cheapest => ("total", ">", "ASC"),
        Sort::Dearest => ("total", "<", "DESC"),
    };
    if let Some(position) = after {
        let key = if column == "total" { position.total } else { micros(position.created_at) };
        select.push(format_args!(" AND {column} {beyond}= ")).push_bind(key);
        select.push(format_args!(" AND ({column} {beyond} ")).push_bind(key);
        select.push(format_args!(" OR id {beyond} ")).push_bind(position.id.0).push(")");
    }
    select.push(format_args!(" ORDER BY {column} {direction}, id {direction} LIMIT ")).push_bind(limit);
}

async fn insert_lines(session: &mut Session, order: &Order) -> Result<(), StoreError> {
    let mut insert = QueryBuilder::new("INSERT INTO order_lines (order_id, position, sku, quantity, unit_price) ");
    insert.push_values((0_i64..).zip(&order.lines), |mut row, (position, line)| {
        row.push_bind(order.id.0).push_bind(position);
        row.push_bind(line.sku.as_str().to_owned()).push_bind(line.quantity).push_bind(line.unit_price);
    });
    insert.build().execute(session.connection()).await?;
    Ok(())
}

/// Completes orders by their lines, all read at once.
async fn with_lines(session: &mut Session, orders: Vec<OrderRow>) -> Result<Vec<Order>, StoreError> {
    if orders.is_empty() {
        return Ok(Vec::new());
    }
    let mut select =
        QueryBuilder::new("SELECT order_id, sku, quantity, unit_price FROM order_lines WHERE order_id IN (");
    let mut ids = select.separated(", ");
    for order in &orders {
        ids.push_bind(order.id);
    }
    select.push(") ORDER BY order_id, position");
    let rows: Vec<LineRow> = select.build_query_as().fetch_all(session.connection()).await?;
    let mut lines: HashMap<Uuid, Vec<OrderLine>> = HashMap::new();
    for row in rows {
        lines.entry(row.order_id).or_default().push(row.into());
    }
    orders.into_iter().map(|order| order.with(&mut lines)).collect()
}

fn micros(time: Timestamp) -> i64 {
    time.as_unix_millis().saturating_mul(1000)
}

fn timestamp(micros: i64) -> Result<Timestamp, StoreError> {
    Timestamp::from_unix_millis(micros.div_euclid(1000)).ok_or_else(|| StoreError::corrupt("a time"))
}

#[derive(FromRow)]
struct OrderRow {
    id: Uuid,
    customer: String,
    status: String,
    total: i64,
    note: Option<String>,
    created_at: i64,
    updated_at: i64,
    version: i64,
}

impl OrderRow {
    fn with(self, lines: &mut HashMap<Uuid, Vec<OrderLine>>) -> Result<Order, StoreError> {
        Ok(Order {
            id: OrderId(self.id),
            customer: Customer(self.customer),
            status: Status::parse(&self.status).ok_or_else(|| StoreError::corrupt("a status"))?,
            lines: lines.remove(&self.id).unwrap_or_default(),
            total: self.total,
            note: self.note.map(Note),
            created_at: timestamp(self.created_at)?,
            updated_at: timestamp(self.updated_at)?,
            version: self.version,
        })
    }
}

#[derive(FromRow)]
struct LineRow {
    order_id: Uuid,
    sku: String,
    quantity: i64,
    unit_price: i64,
}

impl From<LineRow> for OrderLine {
    fn from(row: LineRow) -> Self {
        Self { sku: Sku::stored(row.sku), quantity: row.quantity, unit_price: row.unit_price }
    }
}
