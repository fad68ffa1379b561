use http::Request;
use http::request::Parts;
use serde::de::DeserializeOwned;

use super::{Form, Headers, Path, Query, body, media, path};
use crate::handler::json::Json;
use crate::handler::{FromRequest, FromRequestParts, RequestBody};
use crate::payload::{Unvalidated, ValidationContext, read_form, read_headers, read_json, read_path, read_query};
use crate::problem::Problem;

/// An extractor whose input is read by serde alone: `Unchecked<Json<T>>`.
///
/// For a type of another crate, or for content that this service does not look at. The type needs no rules and gets
/// none: unknown members, lengths and formats are handled as serde does. Input that cannot be read is the same problem
/// as with the checked extractor, except that it has at most one violation, which says that some value does not fit,
/// but not which one.
///
/// ```
/// use buttress::Json;
/// use buttress::extract::Unchecked;
///
/// async fn forward(Unchecked(Json(event)): Unchecked<Json<serde_json::Value>>) {
///     # let _ = event;
/// }
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Unchecked<E>(pub E);

impl<S: Sync, B: RequestBody, T: DeserializeOwned> FromRequest<S, B> for Unchecked<Json<T>> {
    async fn from_request(request: Request<B>, _: &S) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        media::JSON.require(&parts.headers)?;
        let bytes = body::read(body, &parts.extensions).await?;
        read_json(&bytes, ValidationContext::new()).map(|Unvalidated(value)| Self(Json(value)))
    }
}

impl<S: Sync, B: RequestBody, T: DeserializeOwned> FromRequest<S, B> for Unchecked<Form<T>> {
    async fn from_request(request: Request<B>, _: &S) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        media::FORM.require(&parts.headers)?;
        let bytes = body::read(body, &parts.extensions).await?;
        read_form(&bytes, ValidationContext::new()).map(|Unvalidated(value)| Self(Form(value)))
    }
}

impl<S: Sync, T: DeserializeOwned> FromRequestParts<S> for Unchecked<Query<T>> {
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        read_query(parts.uri.query().unwrap_or_default(), ValidationContext::new())
            .map(|Unvalidated(value)| Self(Query(value)))
    }
}

impl<S: Sync, T: DeserializeOwned> FromRequestParts<S> for Unchecked<Path<T>> {
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        read_path(path::params(parts)?, ValidationContext::new()).map(|Unvalidated(value)| Self(Path(value)))
    }
}

impl<S: Sync, T: DeserializeOwned> FromRequestParts<S> for Unchecked<Headers<T>> {
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        read_headers(&parts.headers, ValidationContext::new()).map(|Unvalidated(value)| Self(Headers(value)))
    }
}
