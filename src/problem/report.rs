//! The state of a problem on its way out: its bytes, and whether it has been logged.

use std::error::Error;
use std::fmt::{self, Write};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;

use super::FACTS;

/// The bytes, from the time their length is asked for until they are sent. A clone starts empty, because it may be
/// changed.
#[derive(Default)]
pub(super) struct Rendered(Mutex<Option<Bytes>>);

impl Rendered {
    pub(super) fn lock(&self) -> MutexGuard<'_, Option<Bytes>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn forget(&mut self) {
        *self.0.get_mut().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

impl Clone for Rendered {
    fn clone(&self) -> Self {
        Self::default()
    }
}

/// Whether the problem has been logged, and for which request.
#[derive(Default)]
pub(super) struct Reported(pub(super) AtomicU64);

impl Reported {
    /// A client is going to get the problem, which has not been logged yet.
    const PENDING: u64 = 1;
    /// The problem has been logged. For a request with an id, the state is the hash of the id with this bit set.
    pub(super) const LOGGED: u64 = 2;

    pub(super) fn set_pending(&self) {
        let _ = self.0.compare_exchange(0, Self::PENDING, Ordering::Relaxed, Ordering::Relaxed);
    }

    pub(super) fn is_pending(&mut self) -> bool {
        *self.0.get_mut() == Self::PENDING
    }

    /// Marks the problem as logged for a request; returns whether it still has to be logged for it. Requests that share
    /// a problem have different ids.
    pub(super) fn must_log(&self, request_id: Option<&str>) -> bool {
        let logged = request_id.map_or(Self::LOGGED, |id| hash(id) | Self::LOGGED);
        let logged_before = |state| state > Self::PENDING && (state == logged || request_id.is_none());
        let update = |state| (!logged_before(state)).then_some(logged);
        self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, update).is_ok()
    }
}

fn hash(id: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    id.hash(&mut hasher);
    hasher.finish()
}

/// A problem is cloned in order to be changed, and the client then gets the clone. If the original was still to be
/// logged, the clone is to be logged instead.
impl Clone for Reported {
    fn clone(&self) -> Self {
        let taken = self.0.compare_exchange(Self::PENDING, 0, Ordering::Relaxed, Ordering::Relaxed);
        Self(AtomicU64::new(taken.unwrap_or_else(|state| state)))
    }
}

/// The fields that an error of a store adds to the log. None of them holds a value.
#[cfg_attr(not(feature = "store"), allow(dead_code, reason = "stores make it"))]
#[derive(Debug, Clone)]
pub(crate) struct Cause {
    pub(crate) kind: String,
    pub(crate) constraint: Option<Box<str>>,
    /// The summary of the statement.
    pub(crate) query: Option<Box<str>>,
    /// The error in words, with the code of the database.
    pub(crate) why: Box<str>,
}

impl Cause {
    /// The first `Cause` among an error and its sources.
    pub(crate) fn of<'e>(error: &'e (dyn Error + 'static)) -> Option<&'e Self> {
        let mut next = Some(error);
        while let Some(error) = next {
            if let Some(cause) = error.downcast_ref() {
                return Some(cause);
            }
            next = error.source();
        }
        None
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.query {
            Some(query) => write!(f, "in {query}"),
            None => write!(f, "of kind {}", self.kind),
        }
    }
}

impl Error for Cause {}

/// An error with all its sources, `outer: middle: inner`.
///
/// Many errors print their source as part of their own text; a source that was just printed is skipped. An error whose
/// text panics must not cost the client its response.
pub(crate) fn chain(error: &(dyn Error + 'static)) -> String {
    let mut text = String::new();
    let written = catch_unwind(AssertUnwindSafe(|| write_chain(error, &mut text)));
    if let Err(panicked) = written {
        // Dropping it may panic as well.
        std::mem::forget(panicked);
        text.push_str(" (and an error whose text panics)");
    }
    text
}

fn write_chain(error: &(dyn Error + 'static), text: &mut String) -> fmt::Result {
    let mut said = String::new();
    let mut next = Some(error);
    while let Some(error) = next {
        let mut saying = String::new();
        write!(saying, "{error}")?;
        if !said.ends_with(&saying) {
            write!(text, "{}{saying}", if said.is_empty() { "" } else { ": " })?;
            said = saying;
        }
        FACTS(error, text)?;
        next = error.source();
    }
    Ok(())
}
