//! The fused stack and the layers stacked by hand, side by side: no difference.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod body_limit;
#[path = "../trace/capture.rs"]
mod capture;
mod concurrency;
mod live;
mod random;
mod run;
mod script;
mod setting;
mod table;
mod wire;
