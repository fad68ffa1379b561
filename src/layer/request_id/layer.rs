use std::fmt;
use std::sync::Arc;

use http::{HeaderMap, HeaderName, Request};
use tower_layer::Layer;

use super::{RequestIdService, make};
use crate::request_id::RequestId;

/// Makes an id; if it returns `None`, the layer makes one.
type Maker = dyn Fn(&HeaderMap) -> Option<RequestId> + Send + Sync;

/// Gives every request an id. See the [module docs](super).
#[derive(Clone)]
pub struct RequestIdLayer {
    header: HeaderName,
    incoming: bool,
    maker: Option<Arc<Maker>>,
}

impl RequestIdLayer {
    /// Keeps valid ids of clients and makes UUIDv7s.
    #[must_use]
    pub const fn new() -> Self {
        Self { header: RequestId::HEADER, incoming: true, maker: None }
    }

    /// Reads and writes another header. Defaults to `X-Request-Id`.
    #[must_use]
    pub fn header(mut self, header: HeaderName) -> Self {
        self.header = header;
        self
    }

    /// Replaces the ids of clients, even valid ones.
    #[must_use]
    pub fn without_incoming(mut self) -> Self {
        self.incoming = false;
        self
    }

    /// Makes ids with `maker`, which may look at the request's headers. If it returns `None`, a UUIDv7 is made.
    #[must_use]
    pub fn maker(mut self, maker: impl Fn(&HeaderMap) -> Option<RequestId> + Send + Sync + 'static) -> Self {
        self.maker = Some(Arc::new(maker));
        self
    }

    /// Decides on the id of a request, and writes it into the head.
    pub(crate) fn assign<B>(&self, request: &mut Request<B>) -> RequestId {
        let id = self.decide(request.headers_mut());
        request.extensions_mut().insert(id.clone());
        id
    }

    fn decide(&self, headers: &mut HeaderMap) -> RequestId {
        match self.kept(headers) {
            Some(id) => id,
            None => {
                let made = self.maker.as_ref().and_then(|maker| maker(headers)).unwrap_or_else(make::uuid_v7);
                headers.insert(&self.header, made.as_header().clone());
                made
            }
        }
    }

    fn kept(&self, headers: &HeaderMap) -> Option<RequestId> {
        if !self.incoming {
            return None;
        }
        let mut ids = headers.get_all(&self.header).iter();
        ids.next().filter(|_| ids.next().is_none()).and_then(RequestId::from_header)
    }

    /// Writes the id into the head of the response.
    pub(crate) fn answer(header: &HeaderName, id: RequestId, headers: &mut HeaderMap) {
        headers.insert(header, id.into_header());
    }

    pub(crate) const fn header_name(&self) -> &HeaderName {
        &self.header
    }
}

impl Default for RequestIdLayer {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for RequestIdLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestIdLayer")
            .field("header", &self.header)
            .field("incoming", &self.incoming)
            .finish_non_exhaustive()
    }
}

impl<S> Layer<S> for RequestIdLayer {
    type Service = RequestIdService<S>;

    fn layer(&self, inner: S) -> RequestIdService<S> {
        RequestIdService::new(inner, self.clone())
    }
}
