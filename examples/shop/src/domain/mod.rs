//! What the shop is about: products, orders and their rules. It knows no server and no database.

mod order;
mod page;
mod product;
mod sku;

pub use self::order::{Customer, NewLine, NewOrder, Note, Order, OrderDetails, OrderId, OrderLine, Status};
pub use self::page::{OrderFilter, OrderPosition, Sort};
pub use self::product::{NewProduct, Product, ProductDetails};
pub use self::sku::Sku;
