//! Where products and orders are kept.
//!
//! Services see the traits, and a session of whichever database it is; the SQL is here, once for all of them. Each method
//! works in the session it is given, so that a service decides what belongs into one transaction.

mod database;
mod orders;
mod products;

use std::collections::BTreeSet;

use async_trait::async_trait;
use buttress::store::{Error, Session};

use crate::domain::{Order, OrderFilter, OrderId, OrderPosition, Product, Sku, Sort};

pub use self::database::Database;
pub use self::orders::SqlOrders;
pub use self::products::SqlProducts;

/// Keeps products.
#[async_trait]
pub trait ProductRepository: Send + Sync {
    /// One product.
    async fn get(&self, on: &mut Session, sku: &Sku) -> Result<Option<Product>, Error>;

    /// Those of the products that there are, all read at once.
    async fn find(&self, on: &mut Session, skus: BTreeSet<&Sku>) -> Result<Vec<Product>, Error>;

    /// One product that nobody else changes until the transaction ends.
    async fn lock(&self, on: &mut Session, sku: &Sku) -> Result<Option<Product>, Error>;

    /// At most `limit` products by sku, from behind `after` on.
    async fn list(&self, on: &mut Session, after: Option<&Sku>, limit: u32) -> Result<Vec<Product>, Error>;

    /// Adds a product. If its sku is taken, the error holds the violation.
    async fn insert(&self, on: &mut Session, product: &Product) -> Result<(), Error>;

    /// Writes name, price, stock and version of a product.
    async fn update(&self, on: &mut Session, product: &Product) -> Result<(), Error>;

    /// Takes some out of stock; `false`, and nothing taken, if there are fewer.
    async fn take(&self, on: &mut Session, sku: &Sku, quantity: i64) -> Result<bool, Error>;

    /// Puts some back into stock. Above what the shop counts, nothing is added: stock stays one that a client may have
    /// sent.
    async fn put_back(&self, on: &mut Session, sku: &Sku, quantity: i64) -> Result<(), Error>;
}

/// Keeps orders.
#[async_trait]
pub trait OrderRepository: Send + Sync {
    /// One order.
    async fn get(&self, on: &mut Session, id: OrderId) -> Result<Option<Order>, Error>;

    /// One order that nobody else changes until the transaction ends.
    async fn lock(&self, on: &mut Session, id: OrderId) -> Result<Option<Order>, Error>;

    /// At most `limit` orders that the filter lets through, from behind `after` on.
    async fn list(
        &self,
        on: &mut Session,
        filter: &OrderFilter,
        sort: Sort,
        after: Option<&OrderPosition>,
        limit: u32,
    ) -> Result<Vec<Order>, Error>;

    /// Adds an order.
    async fn insert(&self, on: &mut Session, order: &Order) -> Result<(), Error>;

    /// Writes everything of an order but its lines, which never change.
    async fn update(&self, on: &mut Session, order: &Order) -> Result<(), Error>;

    /// Removes an order.
    async fn delete(&self, on: &mut Session, id: OrderId) -> Result<(), Error>;
}
