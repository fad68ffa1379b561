//! TLS to servers, and builds without it. A binary of its own, since it is built once for each set of TLS features.
//!
//! `scripts/with-servers cargo test --test tls --features mysql,postgres,sqlite,tls-rustls` starts the servers that these
//! tests need; some tests start one of their own.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

#[path = "../trace/capture.rs"]
#[allow(dead_code, reason = "it is shared, and not all of it is used by all")]
mod capture;
#[cfg(any(feature = "tls-rustls", feature = "tls-native-tls"))]
mod encrypted;
#[cfg(not(any(feature = "tls-rustls", feature = "tls-native-tls")))]
mod plain;
#[path = "../data/support/mod.rs"]
#[allow(dead_code, unused_imports, unused_macros, reason = "it is shared, and not all of it is used by all")]
mod support;
