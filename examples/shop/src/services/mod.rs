//! The shop's services. Each function is one unit of work; it knows neither HTTP nor SQL.

mod orders;
mod products;

pub use self::orders::{AlreadyCancelled, GetOrderError, OrderNotFound, Orders, PlaceError};
pub use self::products::{AddError, GetProductError, ProductNotFound, Products};
