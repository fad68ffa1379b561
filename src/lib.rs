//! Backend building blocks for any tower server.
#![cfg_attr(docsrs, feature(doc_cfg))]

// Ring 0: the vocabulary. What every part speaks; always compiled.
pub mod body;
pub mod exchange;
pub mod problem;
pub mod violation;

// Ring 1: capabilities. They never import each other.
#[cfg(feature = "layer")]
pub mod layer;
#[cfg(feature = "payload")]
pub mod payload;
#[cfg(feature = "respond")]
pub mod respond;

// Ring 2: what stands on capabilities.
#[cfg(feature = "extract")]
pub mod extract;
#[cfg(feature = "stack")]
pub mod stack;

// Ring 3: adapters. They see all; nothing sees them.
pub mod adapter;

#[doc(inline)]
pub use self::body::Body;
#[cfg(feature = "payload")]
pub use self::payload::Payload;
#[doc(inline)]
pub use self::problem::{IntoProblem, Problem};
#[cfg(all(feature = "derive", feature = "payload"))]
pub use buttress_derive::Payload;
/// ```
/// use buttress::{IntoProblem, Problem};
///
/// #[derive(Debug, thiserror::Error, Problem)]
/// enum ShopError {
///     #[error("{sku} is out of stock, {left} left")]
///     #[problem(status = 409, detail = "only {left} left")]
///     OutOfStock {
///         #[problem(member)]
///         sku: String,
///         #[problem(member)]
///         left: u32,
///     },
///     #[error("the database is down")]
///     #[problem(status = 503)]
///     Database(#[from] std::io::Error),
/// }
///
/// let problem = Problem::from(ShopError::OutOfStock { sku: "MUG-001".into(), left: 3 });
/// assert_eq!(
///     problem.render(),
///     concat!(
///         r#"{"title":"Out of stock","status":409,"detail":"only 3 left","code":"out-of-stock","#,
///         r#""sku":"MUG-001","left":3}"#,
///     ),
/// );
/// assert_eq!(ShopError::CATALOGUE.types().count(), 2);
/// ```
///
#[cfg(feature = "derive")]
pub use buttress_derive::Problem;
