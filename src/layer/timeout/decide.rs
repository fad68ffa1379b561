use http::{Response, Version};

use crate::body::Body;
use crate::layer::close;
use crate::layer::upload::Upload;
use crate::problem::{Problem, catalogue};

/// The problem for a client that sends too slowly.
pub(crate) fn stalled() -> Problem {
    Problem::of(catalogue::REQUEST_TIMEOUT)
}

/// The response when the time is up: a 408 if the handler was waiting for the client, otherwise a 503.
pub(crate) fn expired<B>(upload: &Upload, version: Version) -> Response<Body<B>> {
    if upload.is_awaited() { too_slow(version) } else { Problem::of(catalogue::TIMEOUT).into() }
}

fn too_slow<B>(version: Version) -> Response<Body<B>> {
    let mut response = Response::from(stalled());
    close(version, response.headers_mut());
    response
}
