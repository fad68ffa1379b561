use std::borrow::Cow;
use std::fmt;

use http::header::ACCEPT_LANGUAGE;
use http::uri::PathAndQuery;
use http::{HeaderValue, Request};

use crate::handler::{is_head, path_reference};
use crate::request_id::RequestId;

/// The parts of a request that are needed after it is gone.
pub(crate) struct Head {
    pub(crate) request_id: Option<RequestId>,
    pub(super) is_head: bool,
    path: Option<PathAndQuery>,
    languages: Option<HeaderValue>,
}

impl Head {
    pub(crate) fn of<B>(request: &Request<B>, translates: bool) -> Self {
        let languages = translates.then(|| request.headers().get(ACCEPT_LANGUAGE)).flatten();
        Self {
            request_id: request.extensions().get().cloned(),
            is_head: is_head(request.method()),
            path: request.uri().path_and_query().cloned(),
            languages: languages.cloned(),
        }
    }

    /// The path of the request as it was sent, without the query, as a reference.
    pub(super) fn instance(&self) -> Option<Cow<'_, str>> {
        self.path.as_ref().map(|path| path_reference(path.path()))
    }

    pub(super) fn languages(&self) -> Option<&str> {
        self.languages.as_ref().and_then(|value| value.to_str().ok())
    }
}

/// A future's debug output ends up in logs, and a path, a query and a header must not.
impl fmt::Debug for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Head").field("request_id", &self.request_id).finish_non_exhaustive()
    }
}
