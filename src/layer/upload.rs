use std::error::Error as StdError;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use http::{Response, StatusCode, Version};

use super::close;
use crate::body::Body;
use crate::handler::BodyError;
use crate::problem::Problem;

/// The progress of the request body, which the body shares with the layers. A request without a body shares nothing.
#[derive(Debug, Clone, Default)]
pub(crate) struct Upload(Option<Arc<State>>);

#[derive(Debug, Default)]
struct State {
    awaited: AtomicBool,
    failure: OnceLock<Problem>,
}

impl Upload {
    pub(crate) fn of<B: http_body::Body>(body: &B) -> Self {
        Self((!body.is_end_stream()).then(Arc::default))
    }

    /// Whether the handler waits for the client to send more.
    pub(crate) fn is_awaited(&self) -> bool {
        self.0.as_ref().is_some_and(|state| state.awaited.load(Ordering::Relaxed))
    }

    pub(super) fn set_awaited(&self, awaited: bool) {
        if let Some(state) = &self.0 {
            state.awaited.store(awaited, Ordering::Relaxed);
        }
    }

    /// Remembers why a read failed. The first reason stays.
    #[cold]
    pub(super) fn fail(&self, error: &(dyn StdError + 'static)) {
        if let Some(state) = &self.0 {
            state.failure.get_or_init(|| BodyError::problem_of(error));
        }
    }

    fn failure(&self) -> Option<&Problem> {
        self.0.as_ref().and_then(|state| state.failure.get())
    }
}

/// The body's part of the progress: once the body is dropped, the handler no longer waits for it.
#[derive(Debug)]
pub(super) struct Reader(pub(super) Upload);

impl Drop for Reader {
    fn drop(&mut self) {
        self.0.set_awaited(false);
    }
}

/// The response as it is sent. If a read of the body failed and the handler answered with an error of another crate,
/// the problem of that read replaces the answer: a reader such as axum's `Multipart` may take the client's failure for
/// a failure of the service. A handler's own problem stays.
pub(crate) fn settled<B>(response: Response<B>, upload: &Upload, version: Version) -> Response<Body<B>> {
    let failure = upload.failure().filter(|_| response.status().as_u16() >= 400);
    let Some(failure) = failure else { return response.map(Body::new) };
    let is_slow = failure.status() == StatusCode::REQUEST_TIMEOUT;
    let is_foreign = response.extensions().get::<Problem>().is_none();
    // A 4xx blames the client already, perhaps in the service's own words, so it stays. A slow client gets a 408 in any
    // case.
    let mut response = if is_foreign && (is_slow || response.status().is_server_error()) {
        Response::from(failure.clone())
    } else {
        response.map(Body::new)
    };
    if response.status() == failure.status() {
        close(version, response.headers_mut());
    }
    response
}
