use std::sync::Arc;
use std::time::Duration;

use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, Entry, HeaderName, STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderMap, HeaderValue, StatusCode};
use tower_layer::Layer;

use super::SecurityHeadersService;

type Pair = (HeaderName, HeaderValue);

static DEFAULT: [Pair; 2] = [
    (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (CONTENT_SECURITY_POLICY, HeaderValue::from_static("frame-ancestors 'none'")),
];

/// Puts the security headers of an API on every response. See the [module docs](super).
#[derive(Debug, Clone, Default)]
pub struct SecurityHeadersLayer {
    /// The headers, once they differ from the default ones.
    own: Option<Arc<[Pair]>>,
    cacheable_errors: bool,
}

impl SecurityHeadersLayer {
    /// The default set.
    #[must_use]
    pub const fn new() -> Self {
        Self { own: None, cacheable_errors: false }
    }

    /// Adds a header; it replaces one of the same name.
    #[must_use]
    pub fn header(self, name: HeaderName, value: HeaderValue) -> Self {
        let mut pairs = self.others(&name);
        pairs.push((name, value));
        Self { own: Some(pairs.into()), ..self }
    }

    /// Leaves a header out.
    #[must_use]
    pub fn without(self, name: &HeaderName) -> Self {
        Self { own: Some(self.others(name).into()), ..self }
    }

    /// Tells browsers to use only TLS for `max_age`, including subdomains: `Strict-Transport-Security` (RFC 6797).
    #[must_use]
    pub fn hsts(self, max_age: Duration) -> Self {
        let text = format!("max-age={}; includeSubDomains", max_age.as_secs());
        match HeaderValue::try_from(text) {
            Ok(value) => self.header(STRICT_TRANSPORT_SECURITY, value),
            Err(_) => self,
        }
    }

    /// Leaves the caching of errors to the caches.
    #[must_use]
    pub fn cacheable_errors(mut self) -> Self {
        self.cacheable_errors = true;
        self
    }

    fn pairs(&self) -> &[Pair] {
        self.own.as_deref().unwrap_or(&DEFAULT)
    }

    fn others(&self, name: &HeaderName) -> Vec<Pair> {
        self.pairs().iter().filter(|(other, _)| other != name).cloned().collect()
    }

    /// Adds the headers that the response does not have yet.
    pub(crate) fn add(&self, status: StatusCode, headers: &mut HeaderMap) {
        for (name, value) in self.pairs() {
            add_missing(headers, name, value);
        }
        if status.as_u16() >= 400 && !self.cacheable_errors {
            add_missing(headers, &CACHE_CONTROL, &HeaderValue::from_static("no-store"));
        }
    }
}

fn add_missing(headers: &mut HeaderMap, name: &HeaderName, value: &HeaderValue) {
    if let Entry::Vacant(place) = headers.entry(name) {
        place.insert(value.clone());
    }
}

impl<S> Layer<S> for SecurityHeadersLayer {
    type Service = SecurityHeadersService<S>;

    fn layer(&self, inner: S) -> SecurityHeadersService<S> {
        SecurityHeadersService { inner, headers: self.clone() }
    }
}
