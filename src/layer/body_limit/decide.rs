use http::header::CONTENT_LENGTH;
use http::{Request, Response, StatusCode, Version};

use crate::body::Body;
use crate::handler::MaxBodySize;
use crate::layer::{BodyLimit, close};
use crate::problem::{Problem, catalogue};

/// Whether the request says itself, in its header or by its body, that it brings too much; and is believed.
pub(crate) fn refuses<B: http_body::Body>(request: &Request<B>, settings: BodyLimit) -> bool {
    if settings.when_read {
        return false;
    }
    let limit = settings.limit as u64;
    let declared = request.headers().get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    declared.is_some_and(|length| length > limit) || request.body().size_hint().lower() > limit
}

/// Lets extractors know the limit, so that their own does not come before it. A request without a body needs none.
pub(crate) fn announce<B: http_body::Body>(request: &mut Request<B>, limit: usize) {
    let outer = request.extensions().get::<MaxBodySize>().map_or(usize::MAX, |outer| outer.bytes());
    if limit < outer && !request.body().is_end_stream() {
        request.extensions_mut().insert(MaxBodySize::new(limit));
    }
}

/// The answer to a request that declares too much.
pub(crate) fn refusal<B>(version: Version) -> Response<Body<B>> {
    closed(version, Problem::of(catalogue::CONTENT_TOO_LARGE).into())
}

/// Closes the connection behind a handler that gave up on a body of unknown length.
pub(crate) fn closed<B>(version: Version, mut response: Response<B>) -> Response<B> {
    if response.status() == StatusCode::PAYLOAD_TOO_LARGE {
        close(version, response.headers_mut());
    }
    response
}
