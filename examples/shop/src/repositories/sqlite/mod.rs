//! Everything that is SQLite.

mod database;
mod orders;
mod products;
mod store;

pub use self::database::Database;
pub use self::orders::SqliteOrders;
pub use self::products::SqliteProducts;
pub use self::store::{Session, Store};
