use http::header::ACCEPT_LANGUAGE;
use http::uri::PathAndQuery;
use http::{HeaderValue, Method, Request};

use super::policy::Policy;
use crate::exchange::RequestId;

/// What has to be known of a request once it is gone.
#[derive(Debug)]
pub(crate) struct Head {
    pub(crate) request_id: Option<RequestId>,
    pub(super) is_head: bool,
    path: Option<PathAndQuery>,
    languages: Option<HeaderValue>,
}

impl Head {
    pub(crate) fn of<B>(request: &Request<B>, policy: &Policy) -> Self {
        let languages = policy.translates().then(|| request.headers().get(ACCEPT_LANGUAGE)).flatten();
        Self {
            request_id: request.extensions().get().cloned(),
            is_head: request.method() == Method::HEAD,
            path: request.uri().path_and_query().cloned(),
            languages: languages.cloned(),
        }
    }

    /// The path as it was sent, without the query.
    pub(super) fn instance(&self) -> Option<&str> {
        self.path.as_ref().map(PathAndQuery::path)
    }

    pub(super) fn languages(&self) -> Option<&str> {
        self.languages.as_ref().and_then(|value| value.to_str().ok())
    }
}
