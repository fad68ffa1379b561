use http::Request;

use super::{body, media};
use crate::handler::json::Json;
use crate::handler::{FromRequest, RequestBody};
use crate::payload::{Payload, ValidationContext, read_json};
use crate::problem::Problem;

/// Reads and checks the body.
///
/// Fails with 415 unless the body is `application/json` or any `+json`, 413 past the
/// [limit](crate::handler::MaxBodySize), 400 if it is not JSON, and 422 with everything that is wrong with it.
impl<S: Sync, B: RequestBody, T: Payload> FromRequest<S, B> for Json<T> {
    async fn from_request(request: Request<B>, _: &S) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        media::JSON.require(&parts.headers)?;
        let bytes = body::read(body, &parts.extensions).await?;
        read_json(&bytes, ValidationContext::with_extensions(&parts.extensions)).map(Self)
    }
}

/// A body that may be missing: `None` if the request has no content, whatever its `Content-Type`.
impl<S: Sync, B: RequestBody, T: Payload> FromRequest<S, B> for Option<Json<T>> {
    async fn from_request(request: Request<B>, _: &S) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        if body.is_end_stream() {
            return Ok(None);
        }
        media::JSON.require(&parts.headers)?;
        let bytes = body::read(body, &parts.extensions).await?;
        if bytes.is_empty() {
            return Ok(None);
        }
        read_json(&bytes, ValidationContext::with_extensions(&parts.extensions)).map(|value| Some(Json(value)))
    }
}
