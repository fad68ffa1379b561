//! Stores and transactions, on real databases.
//!
//! `scripts/with-servers cargo test --test data --all-features` starts the servers that these tests need.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

#[path = "../trace/capture.rs"]
mod capture;
#[macro_use]
mod support;

mod cancel;
mod captures;
mod deadline;
mod handled;
mod hazards;
mod interrupt;
mod kinds;
mod memory;
mod migrate;
mod observe;
mod outbox;
mod panics;
mod pool;
mod request;
mod request_sockets;
mod retries;
mod round_trips;
mod session;
mod shutdown;
mod silence;
mod stale;
mod statement;
mod transaction;
