use http::{Response, StatusCode, Version};

use super::upload::Upload;
use crate::body::Body;
use crate::layer::close;
use crate::problem::{Problem, catalogue};

/// The problem for a client that sends too slowly.
pub(crate) fn stalled() -> Problem {
    Problem::of(catalogue::REQUEST_TIMEOUT)
}

/// The response when the time is up: a 408 if the handler was waiting for the client, otherwise a 503.
pub(crate) fn expired<B>(upload: &Upload, version: Version) -> Response<Body<B>> {
    if upload.is_awaited() { too_slow(version) } else { Problem::of(catalogue::TIMEOUT).into() }
}

/// The response of the handler; a 408 instead, if the handler failed without a problem because a read stalled.
pub(crate) fn settled<B>(response: Response<B>, upload: &Upload, version: Version) -> Response<Body<B>> {
    if !upload.has_stalled() || response.status().as_u16() < 400 {
        return response.map(Body::new);
    }
    match response.extensions().get::<Problem>() {
        None => too_slow(version),
        Some(_) => {
            let mut response = response;
            if response.status() == StatusCode::REQUEST_TIMEOUT {
                close(version, response.headers_mut());
            }
            response.map(Body::new)
        }
    }
}

fn too_slow<B>(version: Version) -> Response<Body<B>> {
    let mut response = Response::from(stalled());
    close(version, response.headers_mut());
    response
}
