//! Responses that are named by their status.

use std::time::Duration;

use http::StatusCode;
use http::header::RETRY_AFTER;

use super::Location;
use crate::body::Body;
use crate::handler::{IntoResponse, Response};
use crate::problem::retry_after;

/// 201: a resource was created, at this location (RFC 9110 §15.3.2).
///
/// ```
/// use buttress::Json;
/// use buttress::respond::{Created, Location};
///
/// async fn create() -> Created<Json<&'static str>> {
///     let id = "7";
///     Created::at(Location::segments(["v1", "orders", id]), Json("the order"))
/// }
/// ```
#[derive(Debug, Clone)]
pub struct Created<T> {
    location: Location,
    answer: T,
}

impl<T> Created<T> {
    /// The new resource is at `location`; `answer` shows it, or is `()`.
    pub fn at(location: impl Into<Location>, answer: T) -> Self {
        Self { location: location.into(), answer }
    }
}

impl<T: IntoResponse> IntoResponse for Created<T> {
    fn into_response(self) -> Response {
        let response = self.answer.into_response();
        if !response.status().is_success() {
            return response;
        }
        with_status(StatusCode::CREATED, self.location.put(response).into_response())
    }
}

/// 202: the work was accepted and is not done yet (RFC 9110 §15.3.3).
///
/// ```
/// use buttress::respond::Accepted;
/// use std::time::Duration;
///
/// async fn import() -> Accepted<()> {
///     Accepted::new(()).monitor("/v1/imports/7").retry_after(Duration::from_secs(5))
/// }
/// ```
#[derive(Debug, Clone)]
pub struct Accepted<T> {
    answer: T,
    monitor: Option<Location>,
    retry_after: Option<Duration>,
}

impl<T> Accepted<T> {
    /// `answer` describes the work, or is `()`.
    pub const fn new(answer: T) -> Self {
        Self { answer, monitor: None, retry_after: None }
    }

    /// Says where the client can ask for the progress: `Location`.
    #[must_use]
    pub fn monitor(mut self, location: impl Into<Location>) -> Self {
        self.monitor = Some(location.into());
        self
    }

    /// Says when it is worth asking: `Retry-After`, in whole seconds, rounded up (RFC 9110 §10.2.3).
    #[must_use]
    pub const fn retry_after(mut self, delay: Duration) -> Self {
        self.retry_after = Some(delay);
        self
    }
}

impl<T: IntoResponse> IntoResponse for Accepted<T> {
    fn into_response(self) -> Response {
        let mut response = self.answer.into_response();
        if !response.status().is_success() {
            return response;
        }
        if let Some(delay) = self.retry_after {
            response.headers_mut().insert(RETRY_AFTER, retry_after(delay));
        }
        let located = match self.monitor {
            Some(monitor) => monitor.put(response).into_response(),
            None => response,
        };
        with_status(StatusCode::ACCEPTED, located)
    }
}

/// 204: the request succeeded, and there is nothing to show (RFC 9110 §15.3.5).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs)]
pub struct NoContent;

impl IntoResponse for NoContent {
    fn into_response(self) -> Response {
        with_status(StatusCode::NO_CONTENT, Response::new(Body::empty()))
    }
}

/// 303: the response is elsewhere, and a GET fetches it (RFC 9110 §15.4.4).
#[derive(Debug, Clone)]
pub struct SeeOther(Location);

impl SeeOther {
    /// The response is at `location`.
    pub fn at(location: impl Into<Location>) -> Self {
        Self(location.into())
    }
}

impl IntoResponse for SeeOther {
    fn into_response(self) -> Response {
        let located = self.0.put(Response::new(Body::empty())).into_response();
        with_status(StatusCode::SEE_OTHER, located)
    }
}

/// Sets the status of a success; a problem keeps its own.
fn with_status(status: StatusCode, mut response: Response) -> Response {
    if response.status().is_success() {
        *response.status_mut() = status;
    }
    response
}
