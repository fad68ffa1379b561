use bytes::Bytes;
use http::Request;

use super::{body, media};
use crate::handler::{FromRequest, RequestBody};
use crate::problem::Problem;

/// The body as it came: any media type, any content, up to the [limit](crate::handler::MaxBodySize).
///
/// For signatures of webhooks, uploads, and custom formats. Fails with 413 past the limit, and with 415 for a body in
/// a coding such as gzip, because these bytes would not be its content.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RawBody(pub Bytes);

impl<S: Sync, B: RequestBody> FromRequest<S, B> for RawBody {
    async fn from_request(request: Request<B>, _: &S) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        media::require_plain(&parts.headers)?;
        body::read(body, &parts.extensions).await.map(Self)
    }
}
