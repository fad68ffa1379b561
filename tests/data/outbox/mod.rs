//! The outbox: an event that is written with a change is delivered, in order, whatever happens to the relays.

mod backlog;
mod cancel;
mod claims;
mod drain;
mod in_process;
mod killed;
mod looks;
mod many;
mod parking;
mod scene;
mod tables;
mod writing;
