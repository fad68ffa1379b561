//! Reading and checking input: what is accepted, what is refused, and with which words.

mod fixture;
mod json;
mod text;
mod walk;
