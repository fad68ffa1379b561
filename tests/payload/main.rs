//! Reading and checking input: what is accepted, what is refused, and with which words.

mod fixture;
mod json;
mod patch;
mod properties;
mod text;
mod walk;
