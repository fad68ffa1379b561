//! Problems: the derive, the envelopes, the masking, and the parts that are always there.

// Helpers also fail a test by panicking.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[cfg(feature = "axum")]
mod axum;
#[cfg(feature = "sqlite")]
mod database;
mod derive;
mod envelope;
mod json;
mod masking;
mod reference;
mod response;
mod value;

use bytes::Bytes;
use http_body_util::BodyExt;
use serde_json::Value;

/// The parsed rendering.
fn parse(bytes: &Bytes) -> Value {
    serde_json::from_slice(bytes).unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(bytes)))
}

/// The body of a response, read to its end on this thread.
fn body_of(response: buttress::handler::Response) -> Bytes {
    let collected = futures_util::FutureExt::now_or_never(response.into_body().collect());
    collected.expect("a problem is there at once").expect("a problem cannot fail").to_bytes()
}
