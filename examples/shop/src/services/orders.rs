use std::collections::BTreeMap;
use std::sync::Arc;

use buttress::Problem;
use buttress::violation::{At, Violation, Violations};

use crate::domain::{NewLine, NewOrder, Order, OrderFilter, OrderId, OrderLine, OrderPosition, Sku, Sort, Status};
use crate::repositories::{OrderRepository, ProductRepository, Session, Store, StoreError};

/// Why something could not be done with an order.
#[derive(Debug, thiserror::Error, Problem)]
pub enum OrderError {
    #[error("there is no such order")]
    #[problem(status = 404, code = "order-not-found", title = "Order not found", detail)]
    NotFound,

    #[error("{sku} is out of stock, {left} left")]
    #[problem(status = 409, code = "out-of-stock", title = "Out of stock", detail = "only {left} left")]
    OutOfStock {
        #[problem(member)]
        sku: Sku,
        #[problem(member)]
        left: i64,
    },

    #[error("the order is cancelled already")]
    #[problem(status = 409, code = "order-already-cancelled", title = "Order already cancelled", detail)]
    AlreadyCancelled,

    #[error("not everything that was ordered is sold here")]
    #[problem(transparent)]
    UnknownSkus(Violations),

    #[error(transparent)]
    #[problem(transparent)]
    Store(#[from] StoreError),
}

/// What can be done with orders.
pub struct Orders {
    store: Store,
    orders: Arc<dyn OrderRepository>,
    products: Arc<dyn ProductRepository>,
}

impl Orders {
    pub fn new(store: Store, orders: Arc<dyn OrderRepository>, products: Arc<dyn ProductRepository>) -> Self {
        Self { store, orders, products }
    }

    /// One order.
    pub async fn get(&self, id: OrderId) -> Result<Order, OrderError> {
        let mut session = self.store.read().await?;
        self.orders.get(&mut session, id).await?.ok_or(OrderError::NotFound)
    }

    /// At most `limit` orders, from behind `after` on.
    pub async fn list(
        &self,
        filter: &OrderFilter,
        sort: Sort,
        after: Option<&OrderPosition>,
        limit: u32,
    ) -> Result<Vec<Order>, OrderError> {
        let mut session = self.store.read().await?;
        Ok(self.orders.list(&mut session, filter, sort, after, limit).await?)
    }

    /// Places an order and takes what it needs out of stock: all of it, or nothing.
    pub async fn place(&self, new: NewOrder) -> Result<Order, OrderError> {
        let mut session = self.store.write().await?;
        let lines = self.price(&mut session, new.lines).await?;
        let order = Order::place(new.customer, lines, new.note);
        self.take(&mut session, &order.lines).await?;
        self.orders.insert(&mut session, &order).await?;
        session.commit().await?;
        Ok(order)
    }

    /// Changes an order as it stands. `change` may refuse.
    pub async fn change<F>(&self, id: OrderId, change: F) -> Result<Order, Problem>
    where
        F: FnOnce(&mut Order) -> Result<(), Problem> + Send,
    {
        let mut session = self.store.write().await?;
        let mut order = self.orders.get(&mut session, id).await?.ok_or(OrderError::NotFound)?;
        change(&mut order)?;
        order.touch();
        self.orders.update(&mut session, &order).await?;
        session.commit().await?;
        Ok(order)
    }

    /// Cancels an order and puts what it took back into stock, once.
    pub async fn cancel<F>(&self, id: OrderId, guard: F) -> Result<Order, Problem>
    where
        F: FnOnce(&Order) -> Result<(), Problem> + Send,
    {
        let mut session = self.store.write().await?;
        let mut order = self.orders.get(&mut session, id).await?.ok_or(OrderError::NotFound)?;
        guard(&order)?;
        if order.status == Status::Cancelled {
            return Err(OrderError::AlreadyCancelled.into());
        }
        order.status = Status::Cancelled;
        order.touch();
        self.orders.update(&mut session, &order).await?;
        for (sku, quantity) in by_sku(&order.lines) {
            self.products.put_back(&mut session, sku, quantity).await?;
        }
        session.commit().await?;
        Ok(order)
    }

    /// Removes an order. Stock stays as it is.
    pub async fn delete<F>(&self, id: OrderId, guard: F) -> Result<(), Problem>
    where
        F: FnOnce(&Order) -> Result<(), Problem> + Send,
    {
        let mut session = self.store.write().await?;
        let order = self.orders.get(&mut session, id).await?.ok_or(OrderError::NotFound)?;
        guard(&order)?;
        self.orders.delete(&mut session, id).await?;
        Ok(session.commit().await?)
    }

    /// Gives each line the price of its product. All that are not sold here are named at once.
    async fn price(&self, session: &mut Session, lines: Vec<NewLine>) -> Result<Vec<OrderLine>, OrderError> {
        let (mut priced, mut unknown) = (Vec::with_capacity(lines.len()), Violations::new());
        for (index, NewLine { sku, quantity }) in lines.into_iter().enumerate() {
            match self.products.get(session, &sku).await? {
                Some(product) => priced.push(OrderLine { sku, quantity, unit_price: product.details.unit_price }),
                None => unknown.push(unknown_sku(index)),
            }
        }
        if unknown.is_empty() { Ok(priced) } else { Err(OrderError::UnknownSkus(unknown)) }
    }

    /// Takes the sum of each sku out of stock.
    async fn take(&self, session: &mut Session, lines: &[OrderLine]) -> Result<(), OrderError> {
        for (sku, quantity) in by_sku(lines) {
            if !self.products.take(session, sku, quantity).await? {
                let left = self.products.get(session, sku).await?.map_or(0, |product| product.details.stock);
                return Err(OrderError::OutOfStock { sku: sku.clone(), left });
            }
        }
        Ok(())
    }
}

fn unknown_sku(index: usize) -> Violation {
    Violation::at(&At::body().member("lines").index(index).member("sku"), "unknown-sku", "is not sold here")
}

/// How many pieces of each sku the lines have together. Always in the same order, so that two orders which need the
/// same products cannot wait for one another.
fn by_sku(lines: &[OrderLine]) -> BTreeMap<&Sku, i64> {
    let mut sums = BTreeMap::new();
    for line in lines {
        *sums.entry(&line.sku).or_default() += line.quantity;
    }
    sums
}
