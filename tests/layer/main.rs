//! Each layer alone, and the promises of all of them.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod body_limit;
mod catch_panic;
mod every;
mod headers;
mod problems;
mod request_id;
mod send_timeout;
mod support;
mod timeout;
