//! `#[derive(Payload)]`: for each attribute, what is accepted, and exactly what is refused.

mod shop;
mod support;
