use http::Extensions;

/// The most bytes of a request's body that an extractor reads.
///
/// Defaults to 1 MiB. Another limit can be put into the request's extensions: the body-limit layer does so for all
/// routes below it, and any layer that adds an extension can do so for a single route.
///
/// ```
/// use buttress::handler::MaxBodySize;
///
/// let mut request = http::Request::new(());
/// assert_eq!(MaxBodySize::of(request.extensions()).bytes(), 1024 * 1024);
/// request.extensions_mut().insert(MaxBodySize::new(512));
/// assert_eq!(MaxBodySize::of(request.extensions()).bytes(), 512);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MaxBodySize(usize);

impl MaxBodySize {
    /// 1 MiB, the default of extractors and of the standard stack.
    pub const DEFAULT: Self = Self(1024 * 1024);

    /// A limit in bytes.
    #[must_use]
    pub const fn new(bytes: usize) -> Self {
        Self(bytes)
    }

    /// The limit of a request with these extensions.
    #[must_use]
    pub fn of(extensions: &Extensions) -> Self {
        extensions.get().copied().unwrap_or(Self::DEFAULT)
    }

    /// The limit in bytes.
    #[must_use]
    pub const fn bytes(self) -> usize {
        self.0
    }
}
