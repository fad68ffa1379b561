use http::{Response, StatusCode, Version};

use super::upload::Upload;
use crate::body::Body;
use crate::layer::close;
use crate::problem::{Problem, catalogue};

/// The problem of a client that sends too slowly.
pub(crate) fn stalled() -> Problem {
    Problem::of(catalogue::REQUEST_TIMEOUT)
}

/// The answer where the time is up: whose fault it was depends on what the handler waited for.
pub(crate) fn expired<B>(upload: &Upload, version: Version) -> Response<Body<B>> {
    if upload.is_awaited() { too_slow(version) } else { Problem::of(catalogue::TIMEOUT).into() }
}

/// The answer of the handler, unless it failed because a read did and does not know better.
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
