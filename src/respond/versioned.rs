use http::header::{
    CONTENT_DISPOSITION, CONTENT_ENCODING, CONTENT_LANGUAGE, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG,
    HeaderName, LAST_MODIFIED, TRAILER, TRANSFER_ENCODING,
};
use http::{HeaderMap, StatusCode};

use super::precondition::{Outcome, PreconditionFailed, Preconditions, http_date};
use crate::body::Body;
use crate::entity_tag::EntityTag;
use crate::handler::{IntoResponse, Response};
use crate::time::Timestamp;

/// A response that shows one state of a resource: it has an `ETag`, and a client that has the state already gets a
/// 304.
///
/// ```
/// use buttress::respond::{Preconditions, Versioned};
/// use buttress::{EntityTag, Json};
///
/// async fn show(preconditions: Preconditions) -> Versioned<Json<&'static str>> {
///     Versioned::new(EntityTag::version(7), Json("the record")).preconditions(preconditions)
/// }
/// ```
///
/// A response that is not a success passes unchanged: it shows no state.
#[derive(Debug, Clone)]
pub struct Versioned<T> {
    tag: EntityTag,
    modified: Option<Timestamp>,
    preconditions: Option<Preconditions>,
    answer: T,
}

impl<T> Versioned<T> {
    /// `answer` shows the state with the tag `tag`.
    pub const fn new(tag: EntityTag, answer: T) -> Self {
        Self { tag, modified: None, preconditions: None, answer }
    }

    /// Says when that state began: `Last-Modified`, in whole seconds.
    #[must_use]
    pub const fn last_modified(mut self, modified: Timestamp) -> Self {
        self.modified = Some(modified);
        self
    }

    /// Evaluates the conditions of a read: 304 if the client has this state, 412 if it wanted another.
    ///
    /// This is for GET, HEAD and QUERY. After any other method the work is done, and the conditions come too late:
    /// evaluate them with [`Preconditions::check`] or [`require`](Preconditions::require).
    #[must_use]
    pub fn preconditions(mut self, preconditions: Preconditions) -> Self {
        self.preconditions = preconditions.is_read().then_some(preconditions);
        self
    }

    fn outcome(&self) -> Outcome {
        match &self.preconditions {
            Some(preconditions) => preconditions.evaluate(Some(&self.tag), self.modified),
            None => Outcome::Proceed,
        }
    }
}

impl<T: IntoResponse> IntoResponse for Versioned<T> {
    fn into_response(self) -> Response {
        let outcome = self.outcome();
        let mut response = self.answer.into_response();
        // Conditions apply only if the response would be a success without them (RFC 9110 §13.2.1).
        if !response.status().is_success() {
            return response;
        }
        response.headers_mut().insert(ETAG, self.tag.into());
        if let Some(modified) = self.modified {
            response.headers_mut().insert(LAST_MODIFIED, http_date::last_modified(modified));
        }
        match outcome {
            Outcome::Proceed => response,
            Outcome::NotModified => not_modified(response),
            Outcome::Failed => PreconditionFailed.into_response(),
        }
    }
}

/// The headers that describe the representation which a 304 does not send. All others stay, above all those that
/// §15.4.5 requires: `Cache-Control`, `Content-Location`, `Date`, `ETag`, `Expires`, `Vary`.
const DESCRIBES_CONTENT: [HeaderName; 9] = [
    CONTENT_DISPOSITION,
    CONTENT_ENCODING,
    CONTENT_LANGUAGE,
    CONTENT_LENGTH,
    CONTENT_RANGE,
    CONTENT_TYPE,
    LAST_MODIFIED,
    TRAILER,
    TRANSFER_ENCODING,
];

fn not_modified(response: Response) -> Response {
    let mut response = response.map(|_| Body::empty());
    *response.status_mut() = StatusCode::NOT_MODIFIED;
    without_content(response.headers_mut());
    response
}

fn without_content(headers: &mut HeaderMap) {
    for name in &DESCRIBES_CONTENT {
        headers.remove(name);
    }
}
