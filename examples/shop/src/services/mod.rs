//! The shop's services. Each function is one unit of work; it knows neither HTTP nor SQL.

mod orders;
mod products;

pub use self::orders::{OrderError, Orders};
pub use self::products::{ProductError, Products};
