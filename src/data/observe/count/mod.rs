mod future;
mod layer;
mod request;
mod service;

pub use self::future::QueryCountFuture;
pub use self::layer::QueryCount;
pub use self::service::QueryCountService;
