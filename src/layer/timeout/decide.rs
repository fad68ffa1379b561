use http::{Response, Version};

use crate::body::Body;
use crate::layer::close;
use crate::layer::upload::Upload;
use crate::problem::{Problem, catalogue};

/// The problem of a client that sends too slowly.
pub(crate) fn stalled() -> Problem {
    Problem::of(catalogue::REQUEST_TIMEOUT)
}

/// The answer where the time is up: whose fault it was depends on what the handler waited for.
pub(crate) fn expired<B>(upload: &Upload, version: Version) -> Response<Body<B>> {
    if upload.is_awaited() { too_slow(version) } else { Problem::of(catalogue::TIMEOUT).into() }
}

fn too_slow<B>(version: Version) -> Response<Body<B>> {
    let mut response = Response::from(stalled());
    close(version, response.headers_mut());
    response
}
