use http::Request;

use super::{body, media, read};
use crate::exchange::{FromRequest, RequestBody};
use crate::payload::Payload;
use crate::problem::Problem;
use crate::violation::At;

/// The body of an HTML form (`application/x-www-form-urlencoded`), read and checked.
///
/// 415 for another media type; 413 past the [limit](crate::exchange::MaxBodySize); 422 with everything that is wrong
/// with it, each at the pointer of its field. Files need `multipart/form-data`, which this does not read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Form<T>(pub T);

impl<S: Sync, B: RequestBody, T: Payload> FromRequest<S, B> for Form<T> {
    async fn from_request(request: Request<B>, _: &S) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        media::FORM.require(&parts.headers)?;
        let bytes = body::read(body, &parts.extensions).await?;
        read::urlencoded(&bytes, &At::body(), &parts.extensions).map(Self)
    }
}
