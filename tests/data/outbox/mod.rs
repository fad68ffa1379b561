//! The outbox: an event that is written with a change is delivered, in order, whatever happens to the relays.

mod backlog;
mod cancel;
mod claims;
mod dead_letters;
mod drain;
mod handlers;
mod killed;
mod looks;
mod many;
mod scene;
mod tables;
mod writing;
