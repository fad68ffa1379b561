//! The body type of handlers and layers.
//!
//! One type serves both. A handler answers with [`Body`], which holds bytes, content that is not written yet, or a
//! boxed stream. A layer over a service whose body is `B` answers with `Body<B>`: a body that passes through is kept as
//! it is, unboxed, and a body of the layer itself is bytes.
//!
//! ```
//! use buttress::body::Body;
//!
//! let body: Body = Body::from("hello");
//! assert_eq!(http_body::Body::size_hint(&body).exact(), Some(5));
//! ```
//!
//! A stream is boxed once, where it enters:
//!
//! ```
//! use buttress::body::Body;
//! use bytes::Bytes;
//! use http_body_util::Full;
//!
//! let streaming = Full::new(Bytes::from_static(b"any http_body::Body"));
//! let body = Body::boxed(streaming);
//! # drop(body);
//! ```

use std::error::Error as StdError;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Frame, SizeHint};
use http_body_util::BodyExt;
use http_body_util::combinators::UnsyncBoxBody;
use pin_project_lite::pin_project;

/// Any error that can cross threads, as tower defines it.
pub type BoxError = Box<dyn StdError + Send + Sync>;

/// A stream of any origin, boxed.
pub struct BoxBody(UnsyncBoxBody<Bytes, BoxError>);

impl BoxBody {
    /// Boxes a body of any type.
    pub fn new<B>(body: B) -> Self
    where
        B: http_body::Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
    {
        Self(body.map_err(Into::into).boxed_unsync())
    }
}

/// An empty body.
impl Default for BoxBody {
    fn default() -> Self {
        Self::new(http_body_util::Empty::new().map_err(|never| match never {}))
    }
}

impl http_body::Body for BoxBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        Pin::new(&mut self.0).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.0.size_hint()
    }
}

impl fmt::Debug for BoxBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BoxBody")
    }
}

/// Content that is produced only when the body is polled.
pub(crate) trait Lazy: Send + Sync {
    /// How many bytes [`send`](Self::send) returns.
    fn size(&self) -> usize;
    /// Returns the content, which is then sent to the client.
    fn send(&self) -> Bytes;
}

pin_project! {
    /// A response body: an inner body that passes through, or bytes. See the [module docs](self).
    pub struct Body<B = BoxBody> {
        #[pin]
        kind: Kind<B>,
    }
}

pin_project! {
    #[project = KindProj]
    enum Kind<B> {
        Inner { #[pin] inner: B },
        Bytes { bytes: Option<Bytes> },
        Lazy { lazy: Option<Arc<dyn Lazy>> },
        None,
    }
}

impl<B> Body<B> {
    /// Passes a body through.
    pub const fn new(inner: B) -> Self {
        Self { kind: Kind::Inner { inner } }
    }

    /// A body without content.
    #[must_use]
    pub const fn empty() -> Self {
        Self { kind: Kind::Bytes { bytes: None } }
    }

    /// No body at all, for a response that has none. It reports no length, because servers write a known length into
    /// the head. A 204 or 304 must not have the length of an empty body there, and a HEAD has the length of the GET.
    pub(crate) const fn none() -> Self {
        Self { kind: Kind::None }
    }

    /// A body that is written when it is first polled, unless a layer has replaced it by then.
    pub(crate) const fn lazy(lazy: Arc<dyn Lazy>) -> Self {
        Self { kind: Kind::Lazy { lazy: Some(lazy) } }
    }
}

impl Body {
    /// Boxes a body of any type.
    pub fn boxed<B>(body: B) -> Self
    where
        B: http_body::Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
    {
        Self::new(BoxBody::new(body))
    }
}

impl<B> Default for Body<B> {
    fn default() -> Self {
        Self::empty()
    }
}

impl<B> From<Bytes> for Body<B> {
    fn from(bytes: Bytes) -> Self {
        Self { kind: Kind::Bytes { bytes: (!bytes.is_empty()).then_some(bytes) } }
    }
}

impl<B> From<Vec<u8>> for Body<B> {
    fn from(bytes: Vec<u8>) -> Self {
        Self::from(Bytes::from(bytes))
    }
}

impl<B> From<String> for Body<B> {
    fn from(text: String) -> Self {
        Self::from(Bytes::from(text))
    }
}

impl<B> From<&'static str> for Body<B> {
    fn from(text: &'static str) -> Self {
        Self::from(Bytes::from_static(text.as_bytes()))
    }
}

impl<B> http_body::Body for Body<B>
where
    B: http_body::Body<Data = Bytes, Error: Into<BoxError>>,
{
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let bytes = match self.project().kind.project() {
            KindProj::Inner { inner } => return inner.poll_frame(cx).map_err(Into::into),
            KindProj::Bytes { bytes } => bytes.take(),
            KindProj::Lazy { lazy } => lazy.take().map(|lazy| lazy.send()),
            KindProj::None => None,
        };
        Poll::Ready(bytes.map(|bytes| Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        match &self.kind {
            Kind::Inner { inner } => inner.is_end_stream(),
            Kind::Bytes { bytes } => bytes.is_none(),
            Kind::Lazy { lazy } => lazy.is_none(),
            Kind::None => true,
        }
    }

    fn size_hint(&self) -> SizeHint {
        let bytes = match &self.kind {
            Kind::Inner { inner } => return inner.size_hint(),
            Kind::Bytes { bytes } => bytes.as_ref().map_or(0, Bytes::len),
            Kind::Lazy { lazy } => lazy.as_ref().map_or(0, |lazy| lazy.size()),
            Kind::None => return SizeHint::default(),
        };
        SizeHint::with_exact(bytes as u64)
    }
}

impl<B> fmt::Debug for Body<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match &self.kind {
            Kind::Inner { .. } => "Body(inner)",
            Kind::Bytes { .. } => "Body(bytes)",
            Kind::Lazy { .. } => "Body(lazy)",
            Kind::None => "Body(none)",
        })
    }
}
