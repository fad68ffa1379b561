//! How a problem's report is handed to the layer that tells the log of the whole request.

use std::sync::atomic::Ordering;

use super::Problem;
use super::report::{Cause, Reported, chain};

impl Problem {
    /// Whether it is the server's fault, whatever its status says.
    pub(crate) fn is_fault(&self) -> bool {
        self.inner().is_fault()
    }

    /// Somebody further out is going to tell the log. If nobody does, the problem does when it is dropped.
    pub(crate) fn owe(&self) {
        self.inner().reported.owe();
    }

    /// The caller tells the log, so the problem has not to.
    pub(crate) fn claim(&self) {
        self.inner().reported.0.store(Reported::TOLD, Ordering::Relaxed);
    }

    /// What the error behind it tells the log in fields of their own.
    pub(crate) fn cause(&self) -> Option<&Cause> {
        self.inner().cause()
    }

    /// The error behind it with all its sources, if there is one.
    pub(crate) fn chain(&self) -> Option<String> {
        self.inner().source().map(chain)
    }
}
