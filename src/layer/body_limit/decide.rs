use http::header::CONTENT_LENGTH;
use http::{Request, Response, StatusCode, Version};

use crate::body::Body;
use crate::handler::MaxBodySize;
use crate::layer::{BodyLimitLayer, close};
use crate::problem::{Problem, catalogue};

/// Whether to refuse the request on its declared length: the header's, or the lower bound of its body.
pub(crate) fn refuses<B: http_body::Body>(request: &Request<B>, settings: BodyLimitLayer) -> bool {
    if settings.when_read {
        return false;
    }
    let limit = settings.limit as u64;
    let declared = request.headers().get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    declared.is_some_and(|length| length > limit) || request.body().size_hint().lower() > limit
}

/// Tells extractors the limit, so that their own does not apply first. A request without a body needs no limit.
pub(crate) fn announce<B: http_body::Body>(request: &mut Request<B>, limit: usize) {
    let outer = request.extensions().get::<MaxBodySize>().map_or(usize::MAX, |outer| outer.bytes());
    if limit < outer && !request.body().is_end_stream() {
        request.extensions_mut().insert(MaxBodySize::new(limit));
    }
}

/// The response to a request that declares too much.
pub(crate) fn refusal<B>(version: Version) -> Response<Body<B>> {
    closed(version, Problem::of(catalogue::CONTENT_TOO_LARGE).into())
}

/// Closes the connection after a handler that stopped reading a body of unknown length.
pub(crate) fn closed<B>(version: Version, mut response: Response<B>) -> Response<B> {
    if response.status() == StatusCode::PAYLOAD_TOO_LARGE {
        close(version, response.headers_mut());
    }
    response
}
