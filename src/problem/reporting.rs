//! Hands a problem's report to the layer that logs the whole request.

use std::sync::atomic::Ordering;

use super::Problem;
use super::report::{Cause, Reported, chain};

impl Problem {
    /// Whether it is the server's fault, whatever its status says.
    pub(crate) fn is_fault(&self) -> bool {
        self.inner().is_fault()
    }

    /// Marks the report as owed: an outer layer is going to log it. If none does, the problem logs itself when it is
    /// dropped.
    pub(crate) fn set_pending(&self) {
        self.inner().reported.set_pending();
    }

    /// Marks the report as done: the caller logs it, so that the problem does not have to.
    pub(crate) fn set_logged(&self) {
        self.inner().reported.0.store(Reported::LOGGED, Ordering::Relaxed);
    }

    /// The fields that the error behind the problem adds to the log.
    pub(crate) fn cause(&self) -> Option<&Cause> {
        self.inner().cause()
    }

    /// The error behind the problem with all its sources, if there is one.
    pub(crate) fn chain(&self) -> Option<String> {
        self.inner().source().map(chain)
    }
}
