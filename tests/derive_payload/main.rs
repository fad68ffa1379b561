//! `#[derive(Payload)]`: for each attribute, the accepted inputs, and exactly the refused ones.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod agreement;
mod cleaning;
mod custom;
mod differential;
mod enums;
mod hygiene;
mod names;
mod numbers;
mod places;
mod recursion;
mod rules;
mod shop;
mod structs;
mod support;
mod words;
