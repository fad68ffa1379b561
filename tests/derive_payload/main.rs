//! `#[derive(Payload)]`: for each attribute, what is accepted, and exactly what is refused.
#![allow(clippy::unwrap_used, clippy::panic)]

mod agreement;
mod cleaning;
mod custom;
mod enums;
mod hygiene;
mod names;
mod rules;
mod shop;
mod structs;
mod support;
