use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderValue};
use http::{HeaderMap, StatusCode};

use super::{forget_success, strip_forbidden_content};
use crate::body::Body;
use crate::problem::envelope::Rfc9457;
use crate::problem::{Envelope, IntoProblem, Problem};

/// The response of a handler.
pub type Response = http::Response<Body>;

/// A type that a handler may return.
///
/// Everything that is [`IntoProblem`] is a response, so `Result<_, E>` needs no conversion.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be sent as a response",
    label = "a handler returns this",
    note = "return `Json<T>` of a `T` that derives `serde::Serialize`, `Created<T>`, `NoContent`, a `Response`, or `Result<_, E>` where `E` derives `buttress::Problem`"
)]
pub trait IntoResponse {
    /// Makes the response.
    fn into_response(self) -> Response;
}

#[diagnostic::do_not_recommend]
impl<E: IntoProblem> IntoResponse for E {
    fn into_response(self) -> Response {
        self.into_problem().into_response()
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        self.into()
    }
}

/// The problem is rendered when its body is polled, and stays in the response's extensions for the layers.
impl<B> From<Problem> for http::Response<Body<B>> {
    fn from(problem: Problem) -> Self {
        let mut response = Self::new(Body::lazy(problem.lazy()));
        *response.status_mut() = problem.status();
        *response.headers_mut() = problem.headers().clone();
        response.headers_mut().insert(CONTENT_TYPE, Rfc9457.content_type());
        response.extensions_mut().insert(problem);
        response
    }
}

impl<B: Into<Body>> IntoResponse for http::Response<B> {
    fn into_response(self) -> Response {
        strip_forbidden_content(self.map(Into::into), false)
    }
}

impl<T: IntoResponse, E: IntoResponse> IntoResponse for Result<T, E> {
    fn into_response(self) -> Response {
        match self {
            Ok(answer) => answer.into_response(),
            Err(error) => error.into_response(),
        }
    }
}

impl IntoResponse for () {
    fn into_response(self) -> Response {
        Response::new(Body::empty())
    }
}

impl IntoResponse for StatusCode {
    fn into_response(self) -> Response {
        (self, ()).into_response()
    }
}

/// Sets the status, unless the response is a problem, which keeps its own. With 204, 205 or 304 the content is
/// dropped (RFC 9110 §6.4.1).
impl<T: IntoResponse> IntoResponse for (StatusCode, T) {
    fn into_response(self) -> Response {
        let mut response = self.1.into_response();
        if response.extensions().get::<Problem>().is_none() {
            *response.status_mut() = self.0;
        }
        strip_forbidden_content(response, false)
    }
}

/// Adds headers; they replace headers of the same names. A problem keeps its own headers, and does not get headers that
/// describe content or let caches keep it: those were meant for a success.
impl<T: IntoResponse> IntoResponse for (HeaderMap, T) {
    fn into_response(self) -> Response {
        let (mut headers, mut response) = (self.0, self.1.into_response());
        if let Some(problem) = response.extensions().get::<Problem>() {
            forget_success(&mut headers, problem);
            response.headers().keys().for_each(|own| drop(headers.remove(own)));
        }
        response.headers_mut().extend(headers);
        response
    }
}

fn typed(body: impl Into<Body>, content_type: &'static str) -> Response {
    let mut response = Response::new(body.into());
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

impl IntoResponse for &'static str {
    fn into_response(self) -> Response {
        typed(self, "text/plain; charset=utf-8")
    }
}

impl IntoResponse for String {
    fn into_response(self) -> Response {
        typed(self, "text/plain; charset=utf-8")
    }
}

impl IntoResponse for Bytes {
    fn into_response(self) -> Response {
        typed(self, "application/octet-stream")
    }
}

impl IntoResponse for Vec<u8> {
    fn into_response(self) -> Response {
        Bytes::from(self).into_response()
    }
}
