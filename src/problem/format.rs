use http::HeaderValue;

use super::ProblemDetails;

/// A format for problems. See the [module docs](super::envelope).
pub trait Envelope: Send + Sync + 'static {
    /// The media type of the content that [`write`](Self::write) produces.
    fn content_type(&self) -> HeaderValue;

    /// Appends the problem to `out`.
    fn write(&self, problem: &ProblemDetails<'_>, out: &mut Vec<u8>);
}
