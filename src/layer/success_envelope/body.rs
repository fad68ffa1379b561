use std::fmt;
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::HeaderMap;
use http_body::{Frame, SizeHint};
use pin_project_lite::pin_project;

pub(super) const PREFIX: &str = "{\"data\":";

/// Replaces a body that turned out to be empty.
const NOTHING: &str = "null";

pin_project! {
    /// The body of a response that may be wrapped. See the [module docs](super).
    pub struct SuccessEnvelopeBody<B> {
        #[pin]
        inner: B,
        stage: Stage,
    }
}

/// The part of the body that comes next.
enum Stage {
    /// The body, unchanged.
    Pass,
    /// No body, for a response whose status has none: no length is reported, since servers would write it into the
    /// head.
    None,
    Prefix {
        suffix: Bytes,
    },
    Data {
        suffix: Bytes,
        empty: bool,
    },
    Trailers {
        trailers: HeaderMap,
    },
    Done,
}

impl<B> SuccessEnvelopeBody<B> {
    pub(super) const fn passing(inner: B) -> Self {
        Self { inner, stage: Stage::Pass }
    }

    pub(super) const fn none(inner: B) -> Self {
        Self { inner, stage: Stage::None }
    }

    pub(super) const fn wrapping(inner: B, suffix: Bytes) -> Self {
        Self { inner, stage: Stage::Prefix { suffix } }
    }
}

/// A body that is not wrapped, for outer layers that answer by themselves.
impl<B: Default> Default for SuccessEnvelopeBody<B> {
    fn default() -> Self {
        Self::passing(B::default())
    }
}

fn closing(suffix: Bytes, empty: bool) -> Frame<Bytes> {
    Frame::data(if empty { [NOTHING.as_bytes(), &suffix].concat().into() } else { suffix })
}

impl<B: http_body::Body<Data = Bytes>> http_body::Body for SuccessEnvelopeBody<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        let mut this = self.project();
        match mem::replace(this.stage, Stage::Done) {
            Stage::Pass => {
                *this.stage = Stage::Pass;
                this.inner.poll_frame(cx)
            }
            Stage::Prefix { suffix } => {
                *this.stage = Stage::Data { suffix, empty: true };
                Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(PREFIX.as_bytes())))))
            }
            Stage::Data { suffix, empty } => {
                *this.stage = Stage::Data { suffix, empty };
                let frame = ready!(this.inner.as_mut().poll_frame(cx));
                Poll::Ready(this.stage.step(frame))
            }
            Stage::Trailers { trailers } => Poll::Ready(Some(Ok(Frame::trailers(trailers)))),
            Stage::None | Stage::Done => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self.stage {
            Stage::Pass => self.inner.is_end_stream(),
            Stage::None | Stage::Done => true,
            _ => false,
        }
    }

    fn size_hint(&self) -> SizeHint {
        let (around, empty) = match &self.stage {
            Stage::Pass => return self.inner.size_hint(),
            Stage::None => return SizeHint::default(),
            Stage::Prefix { suffix } => (PREFIX.len() + suffix.len(), true),
            Stage::Data { suffix, empty } => (suffix.len(), *empty),
            Stage::Trailers { .. } | Stage::Done => return SizeHint::with_exact(0),
        };
        around_of(&self.inner.size_hint(), around as u64, empty)
    }
}

impl Stage {
    /// Handles a frame of the inner body, in the middle of the data. A failed body gets no suffix: the bytes that
    /// were sent must not look complete.
    fn step<E>(&mut self, frame: Option<Result<Frame<Bytes>, E>>) -> Option<Result<Frame<Bytes>, E>> {
        let Self::Data { suffix, empty } = self else { return frame };
        let (suffix, was_empty) = (suffix.clone(), *empty);
        match frame.map(|frame| frame.map(Frame::into_data)) {
            Some(Ok(Ok(data))) => {
                *empty &= data.is_empty();
                Some(Ok(Frame::data(data)))
            }
            Some(Ok(Err(other))) => {
                *self = other.into_trailers().map_or(Self::Done, |trailers| Self::Trailers { trailers });
                Some(Ok(closing(suffix, was_empty)))
            }
            Some(Err(error)) => {
                *self = Self::Done;
                Some(Err(error))
            }
            None => {
                *self = Self::Done;
                Some(Ok(closing(suffix, was_empty)))
            }
        }
    }
}

/// The size of a body with `around` bytes around it, and with [`NOTHING`] in it if it may turn out to be empty.
fn around_of(inner: &SizeHint, around: u64, empty: bool) -> SizeHint {
    let nothing = if empty && inner.lower() == 0 { NOTHING.len() as u64 } else { 0 };
    let lower = if inner.exact() == Some(0) { nothing } else { inner.lower() };
    let mut hint = SizeHint::new();
    if let Some(upper) = inner.upper() {
        hint.set_upper(upper.max(nothing).saturating_add(around));
    }
    hint.set_lower(lower.saturating_add(around));
    hint
}

impl<B> fmt::Debug for SuccessEnvelopeBody<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.stage {
            Stage::Pass => "SuccessEnvelopeBody(passing)",
            Stage::None => "SuccessEnvelopeBody(none)",
            _ => "SuccessEnvelopeBody(wrapping)",
        })
    }
}
