use tower_layer::Layer;

use super::BodyLimitService;

/// Limits the size of request bodies. See the [module docs](super).
#[derive(Debug, Clone, Copy)]
pub struct BodyLimit {
    pub(crate) limit: usize,
}

impl BodyLimit {
    /// Takes bodies of at most `bytes` bytes.
    #[must_use]
    pub const fn new(bytes: usize) -> Self {
        Self { limit: bytes }
    }
}

impl<S> Layer<S> for BodyLimit {
    type Service = BodyLimitService<S>;

    fn layer(&self, inner: S) -> BodyLimitService<S> {
        BodyLimitService { inner, limit: self.limit }
    }
}
