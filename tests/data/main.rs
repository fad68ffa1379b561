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

mod background;
mod cancel;
mod captures;
mod copy;
mod deadline;
mod first_failure;
mod full_disk;
mod guard;
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
mod read_only;
mod request;
mod request_sockets;
mod retries;
mod round_trips;
mod session;
mod session_state;
mod shutdown;
mod silence;
mod stale;
mod statement;
mod transaction;
