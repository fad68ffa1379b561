use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use buttress::Problem;
use buttress::outbox::{Event, Outbox};
use buttress::store::{Error, Session, Store};
use buttress::violation::{At, Violation, Violations};

use crate::domain::{
    NewLine, NewOrder, Order, OrderEvent, OrderFilter, OrderId, OrderLine, OrderPosition, Sku, Sort, Status,
};
use crate::repositories::{OrderRepository, ProductRepository};

/// There is no order with this id.
#[derive(Debug, thiserror::Error, Problem)]
#[error("there is no such order")]
#[problem(status = 404, code = "order-not-found", title = "Order not found", detail)]
pub struct OrderNotFound;

/// The order was cancelled before.
#[derive(Debug, thiserror::Error, Problem)]
#[error("the order is cancelled already")]
#[problem(status = 409, code = "order-already-cancelled", title = "Order already cancelled", detail)]
pub struct AlreadyCancelled;

/// The reason why there is no order to show.
#[derive(Debug, thiserror::Error, Problem)]
pub enum GetOrderError {
    #[error(transparent)]
    #[problem(transparent)]
    NotFound(#[from] OrderNotFound),

    #[error(transparent)]
    #[problem(transparent)]
    Data(#[from] Error),
}

/// The reason why an order was not placed.
#[derive(Debug, thiserror::Error, Problem)]
pub enum PlaceError {
    /// There are fewer pieces of a product than the order needs. Nothing was taken.
    #[error("{sku} is out of stock, {left} left")]
    #[problem(status = 409, code = "out-of-stock", title = "Out of stock", detail = "only {left} left")]
    OutOfStock {
        #[problem(member)]
        sku: Sku,
        #[problem(member)]
        left: i64,
    },

    #[error("not everything that was ordered is sold here")]
    #[problem(transparent)]
    UnknownSkus(Violations),

    #[error(transparent)]
    #[problem(transparent)]
    Data(#[from] Error),
}

/// The operations on orders. Other systems are told about each change: the event is the last write of its transaction,
/// and holds the order as it is then.
pub struct Orders {
    store: Store,
    outbox: Outbox,
    orders: Arc<dyn OrderRepository>,
    products: Arc<dyn ProductRepository>,
}

impl Orders {
    pub fn new(
        store: Store,
        outbox: Outbox,
        orders: Arc<dyn OrderRepository>,
        products: Arc<dyn ProductRepository>,
    ) -> Self {
        Self { store, outbox, orders, products }
    }

    /// One order, as it was at one moment.
    pub async fn get(&self, id: OrderId) -> Result<Order, GetOrderError> {
        let read = self.store.read_only();
        read.transaction(async |tx| Ok(self.orders.get(tx, id).await?.ok_or(OrderNotFound)?)).await
    }

    /// At most `limit` orders, starting after `after`, as they were at one moment.
    pub async fn list(
        &self,
        filter: &OrderFilter,
        sort: Sort,
        after: Option<&OrderPosition>,
        limit: u32,
    ) -> Result<Vec<Order>, Error> {
        let read = self.store.read_only();
        read.transaction(async |tx| self.orders.list(tx, filter, sort, after, limit).await).await
    }

    /// Places an order and takes its pieces out of stock: all of them, or none.
    pub async fn place(&self, new: NewOrder) -> Result<Order, PlaceError> {
        self.store
            .transaction(async |tx| {
                let lines = self.price(tx, &new.lines).await?;
                let order = Order::place(new.customer.clone(), lines, new.note.clone());
                self.take(tx, &order.lines).await?;
                self.orders.insert(tx, &order).await?;
                self.tell(tx, OrderEvent::Placed, &order).await?;
                Ok(order)
            })
            .await
    }

    /// Changes the current order. `change` may refuse, and may be called again if another change came first.
    pub async fn change<E, F>(&self, id: OrderId, change: F) -> Result<Order, E>
    where
        E: From<OrderNotFound> + From<Error> + Send,
        F: Fn(&mut Order) -> Result<(), E> + Send + Sync,
    {
        self.store
            .transaction(async |tx| {
                let mut order = self.orders.lock(tx, id).await?.ok_or(OrderNotFound)?;
                change(&mut order)?;
                order.touch();
                self.orders.update(tx, &order).await?;
                self.tell(tx, OrderEvent::Changed, &order).await?;
                Ok(order)
            })
            .await
    }

    /// Cancels an order and puts its pieces back into stock, once.
    pub async fn cancel<E, F>(&self, id: OrderId, guard: F) -> Result<Order, E>
    where
        E: From<OrderNotFound> + From<AlreadyCancelled> + From<Error> + Send,
        F: Fn(&Order) -> Result<(), E> + Send + Sync,
    {
        self.store
            .transaction(async |tx| {
                let mut order = self.orders.lock(tx, id).await?.ok_or(OrderNotFound)?;
                guard(&order)?;
                if order.status == Status::Cancelled {
                    return Err(AlreadyCancelled.into());
                }
                order.status = Status::Cancelled;
                order.touch();
                self.orders.update(tx, &order).await?;
                for (sku, quantity) in by_sku(&order.lines) {
                    self.products.put_back(tx, sku, quantity).await?;
                }
                self.tell(tx, OrderEvent::Cancelled, &order).await?;
                Ok(order)
            })
            .await
    }

    /// Removes an order. Stock stays as it is.
    pub async fn delete<E, F>(&self, id: OrderId, guard: F) -> Result<(), E>
    where
        E: From<OrderNotFound> + From<Error> + Send,
        F: Fn(&Order) -> Result<(), E> + Send + Sync,
    {
        self.store
            .transaction(async |tx| {
                let order = self.orders.lock(tx, id).await?.ok_or(OrderNotFound)?;
                guard(&order)?;
                self.orders.delete(tx, id).await?;
                Ok(self.tell(tx, OrderEvent::Deleted, &order).await?)
            })
            .await
    }

    /// Writes the event, which is delivered after the commit and never without it.
    async fn tell(&self, tx: &mut Session, what: OrderEvent, order: &Order) -> Result<(), Error> {
        let event = Event::new(what.as_str()).key(order.id).json(order)?;
        self.outbox.write(tx, event).await.map(drop)
    }

    /// Gives each line the price of its product. All skus that are not sold here are reported at once.
    async fn price(&self, tx: &mut Session, lines: &[NewLine]) -> Result<Vec<OrderLine>, PlaceError> {
        let sold = self.products.find(tx, lines.iter().map(|line| &line.sku).collect()).await?;
        let prices: HashMap<_, _> = sold.iter().map(|product| (&product.sku, product.details.unit_price)).collect();
        let (mut priced, mut unknown) = (Vec::with_capacity(lines.len()), Violations::new());
        for (index, NewLine { sku, quantity }) in lines.iter().enumerate() {
            match prices.get(sku) {
                Some(&unit_price) => priced.push(OrderLine { sku: sku.clone(), quantity: *quantity, unit_price }),
                None => unknown.push(unknown_sku(index)),
            }
        }
        if unknown.is_empty() { Ok(priced) } else { Err(PlaceError::UnknownSkus(unknown)) }
    }

    /// Takes the sum of each sku out of stock.
    async fn take(&self, tx: &mut Session, lines: &[OrderLine]) -> Result<(), PlaceError> {
        for (sku, quantity) in by_sku(lines) {
            if !self.products.take(tx, sku, quantity).await? {
                let left = self.products.get(tx, sku).await?.map_or(0, |product| product.details.stock);
                return Err(PlaceError::OutOfStock { sku: sku.clone(), left });
            }
        }
        Ok(())
    }
}

fn unknown_sku(index: usize) -> Violation {
    Violation::at(&At::body().member("lines").index(index).member("sku"), "unknown-sku", "is not sold here")
}

/// How many pieces of each sku the lines have in total. Always in the same order, so that two orders for the same
/// products cannot deadlock.
fn by_sku(lines: &[OrderLine]) -> BTreeMap<&Sku, i64> {
    let mut sums = BTreeMap::new();
    for line in lines {
        *sums.entry(&line.sku).or_default() += line.quantity;
    }
    sums
}
