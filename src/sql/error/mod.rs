//! The meaning of a driver's error, and its text without the values that it may hold.

pub(super) mod classify;
pub(super) mod guard_error;
pub(super) mod live_errors;
pub(super) mod message;
mod redact;
pub(super) mod sent;

pub use self::redact::DriverError;
