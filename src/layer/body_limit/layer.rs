use tower_layer::Layer;

use super::BodyLimitService;

/// Limits the size of request bodies. See the [module docs](super).
#[derive(Debug, Clone, Copy)]
pub struct BodyLimitLayer {
    pub(crate) limit: usize,
    pub(crate) when_read: bool,
}

impl BodyLimitLayer {
    /// Accepts bodies of at most `bytes` bytes.
    #[must_use]
    pub const fn new(bytes: usize) -> Self {
        Self { limit: bytes, when_read: false }
    }

    /// Ignores the declared length: the limit applies when the body is read, so that a status which a route returns
    /// before it reads the body (404, 405, 401, 415) takes precedence over 413. A handler that does not read a body
    /// runs, however large the body is.
    #[must_use]
    pub const fn when_read(mut self) -> Self {
        self.when_read = true;
        self
    }
}

impl<S> Layer<S> for BodyLimitLayer {
    type Service = BodyLimitService<S>;

    fn layer(&self, inner: S) -> BodyLimitService<S> {
        BodyLimitService { inner, settings: *self }
    }
}
