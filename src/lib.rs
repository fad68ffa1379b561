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
#[doc(inline)]
pub use self::problem::{IntoProblem, Problem};
#[cfg(feature = "derive")]
pub use buttress_derive::Problem;
