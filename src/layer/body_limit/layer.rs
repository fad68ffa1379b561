use tower_layer::Layer;

use super::BodyLimitService;

/// Limits the size of request bodies. See the [module docs](super).
#[derive(Debug, Clone, Copy)]
pub struct BodyLimit {
    pub(crate) limit: usize,
    pub(crate) when_read: bool,
}

impl BodyLimit {
    /// Takes bodies of at most `bytes` bytes.
    #[must_use]
    pub const fn new(bytes: usize) -> Self {
        Self { limit: bytes, when_read: false }
    }

    /// Believes no declaration: the limit counts when the body is read, so that what a route says before it reads (404,
    /// 405, 401, 415) comes before a 413. A handler that does not read a body is not kept from running by its size.
    #[must_use]
    pub const fn when_read(mut self) -> Self {
        self.when_read = true;
        self
    }
}

impl<S> Layer<S> for BodyLimit {
    type Service = BodyLimitService<S>;

    fn layer(&self, inner: S) -> BodyLimitService<S> {
        BodyLimitService { inner, settings: *self }
    }
}
