use std::fmt;
use std::num::{NonZeroU64, NonZeroU128};

use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue};

mod state;

use crate::handler::FromRequestParts;
use crate::hex::digits;
use crate::problem::Problem;

/// The place of a request in a distributed trace ([W3C Trace Context](https://www.w3.org/TR/trace-context/)).
///
/// The trace layer puts it into the request's extensions: the caller's trace, with the span that this service adds to
/// it. Outgoing requests pass it on.
///
/// ```
/// use buttress::TraceContext;
/// use http::HeaderMap;
///
/// let mut incoming = HeaderMap::new();
/// incoming.insert("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".parse().unwrap());
///
/// let caller = TraceContext::from_headers(&incoming).unwrap();
/// let here = caller.child(7.try_into().unwrap());
/// let mut outgoing = HeaderMap::new();
/// here.write_to(&mut outgoing);
/// assert_eq!(outgoing["traceparent"], "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000007-01");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TraceContext {
    trace_id: NonZeroU128,
    span_id: NonZeroU64,
    sampled: bool,
    state: Option<HeaderValue>,
}

impl TraceContext {
    /// `traceparent`.
    pub const HEADER: HeaderName = HeaderName::from_static("traceparent");

    /// `tracestate`: information that tracing systems along the way pass to one another.
    pub const STATE_HEADER: HeaderName = HeaderName::from_static("tracestate");

    /// `traceresponse`: the trace and span that answered, for the caller.
    pub const RESPONSE_HEADER: HeaderName = HeaderName::from_static("traceresponse");

    /// The length of a `traceparent` of version 00, in bytes.
    const LEN: usize = 55;

    /// The first span of a new trace.
    #[must_use]
    pub const fn new(trace_id: NonZeroU128, span_id: NonZeroU64, sampled: bool) -> Self {
        Self { trace_id, span_id, sampled, state: None }
    }

    /// Reads `traceparent` and `tracestate`.
    ///
    /// A missing, repeated or malformed `traceparent` gives `None`, whatever `tracestate` says. A `tracestate` that is
    /// malformed, or has more than 32 members or 512 characters, is left out, and the `traceparent` is still used.
    #[must_use]
    pub fn from_headers(headers: &HeaderMap) -> Option<Self> {
        let parent = headers.get(&Self::HEADER)?;
        if headers.get_all(&Self::HEADER).iter().nth(1).is_some() {
            return None;
        }
        let mut context = Self::parse(parent.as_bytes())?;
        context.state = state::read(headers);
        Some(context)
    }

    /// Reads a `traceparent`: `00-` trace id `-` span id `-` flags, in lower-case hexadecimal digits.
    ///
    /// Ids of zeros and version `ff` are refused. A future version may have more fields after the flags.
    #[must_use]
    pub fn parse(parent: &[u8]) -> Option<Self> {
        let (known, rest) = parent.split_at_checked(Self::LEN)?;
        let mut fields = known.split(|byte| *byte == b'-');
        let version = hex(fields.next()?, 2)?;
        let trace_id = hex(fields.next()?, 32)?;
        let span_id = hex(fields.next()?, 16)?;
        let flags = hex(fields.next()?, 2)?;
        let more = match version {
            0 => rest.is_empty(),
            0xff => false,
            _ => rest.first().is_none_or(|byte| *byte == b'-'),
        };
        if !more || fields.next().is_some() {
            return None;
        }
        let span_id = NonZeroU64::new(u64::try_from(span_id).ok()?)?;
        Some(Self::new(NonZeroU128::new(trace_id)?, span_id, flags & 1 == 1))
    }

    /// The same context, with this `tracestate` to pass on. A list that is malformed, or has more than 32 members or
    /// 512 characters, is left out.
    #[must_use]
    pub fn with_tracestate(mut self, list: &str) -> Self {
        self.state = state::parse(list);
        self
    }

    /// The same trace, with a child span.
    #[must_use]
    pub fn child(&self, span_id: NonZeroU64) -> Self {
        Self { span_id, ..self.clone() }
    }

    /// The id of the whole trace; it prints as 32 hexadecimal digits in [`traceparent`](Self::traceparent).
    #[must_use]
    pub const fn trace_id(&self) -> NonZeroU128 {
        self.trace_id
    }

    /// The id of the span.
    #[must_use]
    pub const fn span_id(&self) -> NonZeroU64 {
        self.span_id
    }

    /// Whether the caller records this trace.
    #[must_use]
    pub const fn is_sampled(&self) -> bool {
        self.sampled
    }

    /// The `tracestate` to pass on.
    #[must_use]
    pub const fn tracestate(&self) -> Option<&HeaderValue> {
        self.state.as_ref()
    }

    /// The `traceparent` to pass on, of version 00.
    #[must_use]
    pub fn traceparent(&self) -> HeaderValue {
        // Hexadecimal digits and dashes are always a header value.
        HeaderValue::from_bytes(&self.encode()).unwrap_or_else(|_| HeaderValue::from_static(""))
    }

    /// Puts `traceparent` and `tracestate` into the headers of an outgoing request, in place of existing ones.
    pub fn write_to(&self, headers: &mut HeaderMap) {
        headers.insert(Self::HEADER, self.traceparent());
        match &self.state {
            Some(state) => headers.insert(Self::STATE_HEADER, state.clone()),
            None => headers.remove(&Self::STATE_HEADER),
        };
    }

    fn encode(&self) -> [u8; Self::LEN] {
        let mut text = *b"00-00000000000000000000000000000000-0000000000000000-00";
        text[3..35].copy_from_slice(&self.trace_digits());
        text[36..52].copy_from_slice(&self.span_digits());
        text[54] = b'0' + u8::from(self.sampled);
        text
    }

    /// The id of the whole trace, as it is written in `traceparent`.
    pub(crate) fn trace_digits(&self) -> [u8; 32] {
        let (id, mut text) = (self.trace_id.get(), [0; 32]);
        text[..8].copy_from_slice(&digits((id >> 96) as u32));
        text[8..16].copy_from_slice(&digits((id >> 64) as u32));
        text[16..24].copy_from_slice(&digits((id >> 32) as u32));
        text[24..].copy_from_slice(&digits(id as u32));
        text
    }

    /// The id of the span, as it is written in `traceparent`.
    pub(crate) fn span_digits(&self) -> [u8; 16] {
        let (id, mut text) = (self.span_id.get(), [0; 16]);
        text[..8].copy_from_slice(&digits((id >> 32) as u32));
        text[8..].copy_from_slice(&digits(id as u32));
        text
    }
}

/// The `traceparent`, of version 00.
impl fmt::Display for TraceContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(str::from_utf8(&self.encode()).unwrap_or_default())
    }
}

/// The trace of this request, if a layer found or started one.
impl<S: Sync> FromRequestParts<S> for Option<TraceContext> {
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Ok(parts.extensions.get().cloned())
    }
}

/// Reads exactly `len` lower-case hexadecimal digits.
fn hex(digits: &[u8], len: usize) -> Option<u128> {
    let mut number = 0;
    for digit in digits {
        let value = match digit {
            b'0'..=b'9' => digit - b'0',
            b'a'..=b'f' => digit - b'a' + 10,
            _ => return None,
        };
        number = number << 4 | u128::from(value);
    }
    (digits.len() == len).then_some(number)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    #[test]
    fn what_is_not_a_traceparent_is_refused() {
        for wrong in [
            "",
            "00",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-010",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00F067AA0BA902B7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01.more",
            "00_4bf92f3577b34da6a3ce929d0e0e4736_00f067aa0ba902b7_01",
            "00-4bf92f3577b34da6a3ce929d0e0e473-600f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e473g-00f067aa0ba902b7-01",
            " 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "0-04bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-",
        ] {
            assert_eq!(TraceContext::parse(wrong.as_bytes()), None, "{wrong}");
        }
    }

    #[test]
    fn a_version_of_the_future_is_read_by_its_prefix_and_written_as_00() {
        for future in [
            "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-ff-what-comes",
        ] {
            assert_eq!(TraceContext::parse(future.as_bytes()).unwrap().to_string(), PARENT);
        }
    }

    #[test]
    fn two_traceparents_are_none() {
        let mut headers = HeaderMap::new();
        headers.append(TraceContext::HEADER, HeaderValue::from_static(PARENT));
        assert!(TraceContext::from_headers(&headers).is_some());
        headers.append(TraceContext::HEADER, HeaderValue::from_static(PARENT));
        assert!(TraceContext::from_headers(&headers).is_none());
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(trace_id in 1u128.., span_id in 1u64.., sampled: bool) {
            let context = TraceContext::new(trace_id.try_into()?, span_id.try_into()?, sampled);
            let expected = format!("00-{trace_id:032x}-{span_id:016x}-{:02x}", u8::from(sampled));
            prop_assert_eq!(&context.to_string(), &expected);
            prop_assert_eq!(TraceContext::parse(context.traceparent().as_bytes()), Some(context));
        }

        #[test]
        fn no_bytes_are_too_much(bytes: Vec<u8>, at in 0..55usize, byte: u8) {
            let _ = TraceContext::parse(&bytes);
            let mut bytes = PARENT.as_bytes().to_vec();
            bytes[at] = byte;
            if let Some(context) = TraceContext::parse(&bytes) {
                prop_assert_eq!(TraceContext::parse(context.to_string().as_bytes()), Some(context));
            }
        }
    }
}
