//! The shop's domain: products, orders, their rules, and their events. It knows no server and no database.

mod event;
mod order;
mod page;
mod product;
mod sku;

pub use self::event::OrderEvent;
pub use self::order::{Customer, NewLine, NewOrder, Note, Order, OrderDetails, OrderId, OrderLine, Status};
pub use self::page::{OrderFilter, OrderPosition, Sort};
pub use self::product::{MAX_STOCK, NewProduct, Product, ProductDetails};
pub use self::sku::Sku;
