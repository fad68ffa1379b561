use http::Request;

use super::{body, media};
use crate::handler::{FromRequest, RequestBody};
use crate::payload::{Payload, ValidationContext, read_form};
use crate::problem::Problem;

/// The body of an HTML form (`application/x-www-form-urlencoded`), read and checked.
///
/// Fails with 415 for another media type, 413 past the [limit](crate::handler::MaxBodySize), and 422 with everything
/// that is wrong with the form, each fault with the pointer to its field. Files need `multipart/form-data`, which this
/// does not read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Form<T>(pub T);

impl<S: Sync, B: RequestBody, T: Payload> FromRequest<S, B> for Form<T> {
    async fn from_request(request: Request<B>, _: &S) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        media::FORM.require(&parts.headers)?;
        let bytes = body::read(body, &parts.extensions).await?;
        read_form(&bytes, ValidationContext::with_extensions(&parts.extensions)).map(Self)
    }
}
