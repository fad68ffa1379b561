//! Backend building blocks for any tower server.
#![cfg_attr(docsrs, feature(doc_cfg))]

// Ring 0: the vocabulary.
pub mod body;
pub mod exchange;
pub mod problem;
pub mod violation;

#[doc(inline)]
pub use self::body::Body;
#[doc(inline)]
pub use self::problem::{IntoProblem, Problem};
