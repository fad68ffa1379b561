//! Schemas as data and as JSON Schema, held against the extractor by a validator of another house.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

mod agreement;
mod document;
mod generate;
mod types;
