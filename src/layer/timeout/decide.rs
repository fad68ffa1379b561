use std::fmt;

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
    if upload.is_awaited() { too_slow(version) } else { Problem::of(catalogue::TIMEOUT).caused_by(TimeIsUp).into() }
}

/// The error behind the 503, so that the log says where it comes from.
#[derive(Debug)]
struct TimeIsUp;

impl fmt::Display for TimeIsUp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the handler took longer than its time limit")
    }
}

impl std::error::Error for TimeIsUp {}

fn too_slow<B>(version: Version) -> Response<Body<B>> {
    let mut response = Response::from(stalled());
    close(version, response.headers_mut());
    response
}
