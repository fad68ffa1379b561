//! The guide: how to build a service with this crate, page by page.
//!
//! The reference is in the modules; a page shows what belongs together. Every example of a page is compiled and run
//! by the tests.

#[doc = include_str!("../docs/start.md")]
pub mod start {}

#[doc = include_str!("../docs/errors.md")]
pub mod errors {}

#[doc = include_str!("../docs/input.md")]
pub mod input {}

#[doc = include_str!("../docs/answers.md")]
pub mod answers {}

#[doc = include_str!("../docs/transactions.md")]
pub mod transactions {}

#[doc = include_str!("../docs/testing.md")]
pub mod testing {}

#[doc = include_str!("../docs/databases.md")]
pub mod databases {}

#[doc = include_str!("../docs/limits.md")]
pub mod limits {}
