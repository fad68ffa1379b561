//! The conditions of a request on the state of a resource (RFC 9110 §13).

mod condition;
mod error;
pub(super) mod http_date;

pub use self::condition::{IfMatch, IfNoneMatch};
pub use self::error::{PreconditionError, PreconditionFailed};

use http::header::{IF_MODIFIED_SINCE, IF_UNMODIFIED_SINCE};
use http::request::Parts;

use crate::entity_tag::EntityTag;
use crate::handler::{FromRequestParts, is_read};
use crate::problem::Problem;
use crate::time::Timestamp;

/// All the conditions of a request, to be evaluated in the order of RFC 9110 §13.2.2: `If-Match`, otherwise
/// `If-Unmodified-Since`; then `If-None-Match`, otherwise, in a read, `If-Modified-Since`.
///
/// A read passes them to [`Versioned::preconditions`](super::Versioned::preconditions). A write evaluates them just
/// before it acts, against the state that it is about to change:
///
/// ```
/// use buttress::respond::{NoContent, PreconditionError, PreconditionFailed, Preconditions, Versioned};
/// use buttress::{EntityTag, Json};
///
/// async fn update(preconditions: Preconditions) -> Result<Versioned<Json<&'static str>>, PreconditionError> {
///     let current = EntityTag::version(7); // of the record, as loaded
///     preconditions.require(&current)?; // 428 without If-Match, 412 if it is stale
///     Ok(Versioned::new(EntityTag::version(8), Json("the record, changed")))
/// }
///
/// async fn delete(preconditions: Preconditions) -> Result<NoContent, PreconditionFailed> {
///     let current = EntityTag::version(7);
///     preconditions.check(Some(&current))?; // 412 if there is an If-Match, and it is stale
///     Ok(NoContent)
/// }
///
/// async fn create_only(preconditions: Preconditions) -> Result<NoContent, PreconditionFailed> {
///     preconditions.check(None)?; // nothing there yet: `If-None-Match: *` holds, every If-Match fails
///     Ok(NoContent)
/// }
/// ```
///
/// The condition and the change must see the same state: load and change in one transaction, or make the version part
/// of the `UPDATE`.
#[derive(Debug, Clone)]
pub struct Preconditions {
    read: bool,
    if_match: Option<IfMatch>,
    if_unmodified_since: Option<Timestamp>,
    if_none_match: Option<IfNoneMatch>,
    if_modified_since: Option<Timestamp>,
}

/// The result of evaluating the conditions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    Proceed,
    NotModified,
    Failed,
}

impl Preconditions {
    /// Reads them from the head of a request.
    #[must_use]
    pub fn from_parts(parts: &Parts) -> Self {
        let headers = &parts.headers;
        Self {
            read: is_read(&parts.method),
            if_match: IfMatch::from_headers(headers),
            if_unmodified_since: http_date::read(headers, &IF_UNMODIFIED_SINCE),
            if_none_match: IfNoneMatch::from_headers(headers),
            if_modified_since: http_date::read(headers, &IF_MODIFIED_SINCE),
        }
    }

    /// Requires the client of a write to name the state that it changes.
    ///
    /// # Errors
    ///
    /// [`Required`](PreconditionError::Required), a 428, without `If-Match` (RFC 6585 §3); otherwise as for
    /// [`check`](Self::check).
    pub fn require(&self, current: &EntityTag) -> Result<(), PreconditionError> {
        if self.if_match.is_none() {
            return Err(PreconditionError::Required);
        }
        Ok(self.check(Some(current))?)
    }

    /// Evaluates the conditions that were sent, for a write. `current` is `None` if there is no state yet.
    ///
    /// # Errors
    ///
    /// [`PreconditionFailed`], a 412, if one does not hold.
    pub fn check(&self, current: Option<&EntityTag>) -> Result<(), PreconditionFailed> {
        self.outcome_of(current, None)
    }

    /// Like [`check`](Self::check), for a resource that also knows when it was last modified, so that
    /// `If-Unmodified-Since` counts. Dates are whole seconds: they cannot distinguish two changes within one second.
    ///
    /// # Errors
    ///
    /// As for [`check`](Self::check).
    pub fn check_dated(&self, current: Option<&EntityTag>, modified: Timestamp) -> Result<(), PreconditionFailed> {
        self.outcome_of(current, Some(modified))
    }

    fn outcome_of(&self, current: Option<&EntityTag>, modified: Option<Timestamp>) -> Result<(), PreconditionFailed> {
        match self.evaluate(current, modified) {
            Outcome::Failed => Err(PreconditionFailed),
            Outcome::Proceed | Outcome::NotModified => Ok(()),
        }
    }

    /// Whether the client has this state already, so that a read can stop before it does the work: the response of
    /// [`Versioned::preconditions`](super::Versioned::preconditions) would be 304.
    #[must_use]
    pub fn is_fresh(&self, current: &EntityTag) -> bool {
        self.evaluate(Some(current), None) == Outcome::NotModified
    }

    /// Whether the request reads: GET, HEAD or QUERY.
    pub(super) const fn is_read(&self) -> bool {
        self.read
    }

    pub(super) fn evaluate(&self, current: Option<&EntityTag>, modified: Option<Timestamp>) -> Outcome {
        let state_is_seen = match (&self.if_match, self.if_unmodified_since, modified) {
            (Some(if_match), ..) => if_match.holds(current),
            (None, Some(date), Some(modified)) => http_date::unchanged_since(modified, date),
            _ => true,
        };
        let state_is_new = match (&self.if_none_match, self.if_modified_since, modified) {
            (Some(if_none_match), ..) => if_none_match.holds(current),
            (None, Some(date), Some(modified)) if self.read => !http_date::unchanged_since(modified, date),
            _ => true,
        };
        match (state_is_seen, state_is_new) {
            (true, true) => Outcome::Proceed,
            (true, false) if self.read => Outcome::NotModified,
            _ => Outcome::Failed,
        }
    }
}

impl<S: Sync> FromRequestParts<S> for Preconditions {
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Ok(Self::from_parts(parts))
    }
}
