use std::fmt;
use std::sync::Arc;

use http::response::Parts;
use serde_json::{Value, json};
use tower_layer::Layer;

use super::SuccessEnvelopeService;
use crate::request_id::RequestId;

type Meta = dyn Fn(Option<&RequestId>, &Parts) -> Value + Send + Sync;

/// Wraps each success that is JSON as `{"data": …, "meta": {…}}`. See the [module docs](super).
#[derive(Clone, Default)]
pub struct SuccessEnvelopeLayer {
    meta: Option<Arc<Meta>>,
    pub(super) weak_tags: bool,
}

impl SuccessEnvelopeLayer {
    /// Wraps with a `meta` of `{"request_id": …}`, which is empty if requests have no id.
    #[must_use]
    pub const fn new() -> Self {
        Self { meta: None, weak_tags: false }
    }

    /// Makes `meta` from the request's id and the head of the response. A handler can pass values for it in the
    /// response's extensions.
    #[must_use]
    pub fn meta<F>(mut self, meta: F) -> Self
    where
        F: Fn(Option<&RequestId>, &Parts) -> Value + Send + Sync + 'static,
    {
        self.meta = Some(Arc::new(meta));
        self
    }

    /// Weakens the `ETag`s of wrapped responses. `If-Match` can then not use them. Off by default.
    #[must_use]
    pub const fn weak_tags(mut self) -> Self {
        self.weak_tags = true;
        self
    }

    pub(super) fn meta_of(&self, id: Option<&RequestId>, parts: &Parts) -> Value {
        match (&self.meta, id) {
            (Some(meta), _) => meta(id, parts),
            (None, Some(id)) => json!({"request_id": id.as_str()}),
            (None, None) => json!({}),
        }
    }
}

impl<S> Layer<S> for SuccessEnvelopeLayer {
    type Service = SuccessEnvelopeService<S>;

    fn layer(&self, inner: S) -> SuccessEnvelopeService<S> {
        SuccessEnvelopeService::new(inner, self.clone())
    }
}

impl fmt::Debug for SuccessEnvelopeLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SuccessEnvelopeLayer").field("weak_tags", &self.weak_tags).finish_non_exhaustive()
    }
}
