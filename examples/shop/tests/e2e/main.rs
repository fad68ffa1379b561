//! The shop from outside: the real binary, over real sockets. Each test's name is a sentence of its contract.
//!
//! `BUTTRESS_SOAK=1` repeats the races and the random requests 20 times as often.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod auth;
mod bodies;
mod cancel;
mod change;
mod contention;
mod conventions;
mod events;
mod every_response;
mod full_disk;
mod hostile;
mod http2;
mod leaving;
mod lifecycle;
mod list;
mod outage;
mod paging;
mod place;
mod precedence;
mod products;
mod queries;
mod read;
mod reference;
mod secrets;
mod settings;
mod shapes;
mod slow;
mod support;
mod under_load;
