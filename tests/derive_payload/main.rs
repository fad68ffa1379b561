//! `#[derive(Payload)]`: for each attribute, what is accepted, and exactly what is refused.

mod cleaning;
mod custom;
mod enums;
mod names;
mod rules;
mod shop;
mod structs;
mod support;
