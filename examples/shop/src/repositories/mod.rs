//! Storage of products and orders.
//!
//! Services see the traits, and a session of any database; the SQL is here, once for all databases. Each method works
//! in the session that it is given, so a service decides which calls belong to one transaction.

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

/// Stores products.
#[async_trait]
pub trait ProductRepository: Send + Sync {
    /// One product.
    async fn get(&self, on: &mut Session, sku: &Sku) -> Result<Option<Product>, Error>;

    /// The products with these skus that exist, read in one query.
    async fn find(&self, on: &mut Session, skus: BTreeSet<&Sku>) -> Result<Vec<Product>, Error>;

    /// One product, locked: no other transaction can change it until this one ends.
    async fn lock(&self, on: &mut Session, sku: &Sku) -> Result<Option<Product>, Error>;

    /// At most `limit` products in the order of their skus, starting after `after`.
    async fn list(&self, on: &mut Session, after: Option<&Sku>, limit: u32) -> Result<Vec<Product>, Error>;

    /// Adds a product. If its sku is taken, the error holds the violation.
    async fn insert(&self, on: &mut Session, product: &Product) -> Result<(), Error>;

    /// Writes the name, price, stock and version of a product.
    async fn update(&self, on: &mut Session, product: &Product) -> Result<(), Error>;

    /// Takes some pieces out of stock; returns `false`, and takes nothing, if there are fewer.
    async fn take(&self, on: &mut Session, sku: &Sku, quantity: i64) -> Result<bool, Error>;

    /// Puts some pieces back into stock. Beyond the largest stock, nothing is added: the stock stays a value that a
    /// client may send.
    async fn put_back(&self, on: &mut Session, sku: &Sku, quantity: i64) -> Result<(), Error>;
}

/// Stores orders.
#[async_trait]
pub trait OrderRepository: Send + Sync {
    /// One order.
    async fn get(&self, on: &mut Session, id: OrderId) -> Result<Option<Order>, Error>;

    /// One order, locked: no other transaction can change it until this one ends.
    async fn lock(&self, on: &mut Session, id: OrderId) -> Result<Option<Order>, Error>;

    /// At most `limit` orders that match the filter, starting after `after`.
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

    /// Writes everything of an order except its lines, which never change.
    async fn update(&self, on: &mut Session, order: &Order) -> Result<(), Error>;

    /// Removes an order.
    async fn delete(&self, on: &mut Session, id: OrderId) -> Result<(), Error>;
}
