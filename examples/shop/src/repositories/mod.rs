//! Where products and orders are kept.
//!
//! Services see the traits and a [`Session`]; only the folder of a database knows its SQL. Each method works in the
//! session it is given, so that a service decides what belongs into one transaction.

mod error;
pub mod sqlite;

use async_trait::async_trait;

use crate::domain::{Order, OrderFilter, OrderId, OrderPosition, Product, Sku, Sort};

pub use self::error::StoreError;
pub use self::sqlite::{Session, Store};

/// Keeps products.
#[async_trait]
pub trait ProductRepository: Send + Sync {
    /// One product.
    async fn get(&self, session: &mut Session, sku: &Sku) -> Result<Option<Product>, StoreError>;

    /// At most `limit` products by sku, from behind `after` on.
    async fn list(&self, session: &mut Session, after: Option<&Sku>, limit: u32) -> Result<Vec<Product>, StoreError>;

    /// Adds a product; `false` if its sku is taken.
    async fn insert(&self, session: &mut Session, product: &Product) -> Result<bool, StoreError>;

    /// Writes name, price, stock and version of a product.
    async fn update(&self, session: &mut Session, product: &Product) -> Result<(), StoreError>;

    /// Takes some out of stock; `false`, and nothing taken, if there are fewer.
    async fn take(&self, session: &mut Session, sku: &Sku, quantity: i64) -> Result<bool, StoreError>;

    /// Puts some back into stock.
    async fn put_back(&self, session: &mut Session, sku: &Sku, quantity: i64) -> Result<(), StoreError>;
}

/// Keeps orders.
#[async_trait]
pub trait OrderRepository: Send + Sync {
    /// One order.
    async fn get(&self, session: &mut Session, id: OrderId) -> Result<Option<Order>, StoreError>;

    /// At most `limit` orders that the filter lets through, from behind `after` on.
    async fn list(
        &self,
        session: &mut Session,
        filter: &OrderFilter,
        sort: Sort,
        after: Option<&OrderPosition>,
        limit: u32,
    ) -> Result<Vec<Order>, StoreError>;

    /// Adds an order.
    async fn insert(&self, session: &mut Session, order: &Order) -> Result<(), StoreError>;

    /// Writes everything of an order but its lines, which never change.
    async fn update(&self, session: &mut Session, order: &Order) -> Result<(), StoreError>;

    /// Removes an order.
    async fn delete(&self, session: &mut Session, id: OrderId) -> Result<(), StoreError>;
}
