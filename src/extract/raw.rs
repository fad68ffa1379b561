use bytes::Bytes;
use http::Request;

use super::{body, media};
use crate::handler::{FromRequest, RequestBody};
use crate::problem::Problem;

/// The body as it came: any media type, any content, up to the [limit](crate::handler::MaxBodySize).
///
/// For signatures of webhooks, uploads, and formats of one's own. 413 past the limit; 415 for a body in a coding such
/// as gzip, whose content these bytes would not be.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RawBody(pub Bytes);

impl<S: Sync, B: RequestBody> FromRequest<S, B> for RawBody {
    async fn from_request(request: Request<B>, _: &S) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        media::require_plain(&parts.headers)?;
        body::read(body, &parts.extensions).await.map(Self)
    }
}
