//! The base of the tests: the real binary on a port of its own, and a client that can break every rule.

mod answer;
mod connection;
pub mod database;
mod load;
mod outbox;
mod process;
pub mod reference;
mod request;

pub use self::answer::Answer;
pub use self::connection::Connection;
pub use self::load::{in_parallel, rounds};
pub use self::outbox::Event;
pub use self::process::{Shop, Start, TOKEN, wait_until};
pub use self::request::{Request, delete, get, head, patch, post};
