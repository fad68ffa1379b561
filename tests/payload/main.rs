//! Reading and checking input: the accepted inputs, the refused ones, and the messages.

mod fixture;
mod json;
mod patch;
mod properties;
mod text;
mod walk;
