//! The span, by the OpenTelemetry semantic conventions for HTTP servers, version 1.44.

use std::fmt;

use http::{Extensions, Method, Uri, Version};
use tracing::field::{self, Empty};
use tracing::{Span, record_all};

use super::in_flight::Named;
use crate::handler::RouteTemplate;
use crate::layer::reported::{SPAN, TARGET};
use crate::request_id::RequestId;
use crate::telemetry::{OTHER, fields};
use crate::trace_context::TraceContext;

/// The facts about a request that the span records.
pub(super) struct Head<'a> {
    pub(super) method: &'a Method,
    pub(super) scheme: &'static str,
    pub(super) version: Version,
    pub(super) extensions: &'a Extensions,
    pub(super) route: Option<&'a RouteTemplate>,
    pub(super) named: Named,
}

/// Opens the span. Its level is `ERROR`, so that it exists at every log level: other events need its fields. The ids
/// can follow, see [`identify`].
pub(super) fn open(head: &Head<'_>, context: Option<&TraceContext>, parent: Option<&TraceContext>) -> Span {
    let method = method(head.method);
    let route = head.route.map(RouteTemplate::as_str);
    // `display` because most subscribers quote and escape strings, one character at a time.
    tracing::error_span!(
        target: TARGET,
        SPAN,
        request_id = head.extensions.get::<RequestId>().map(|id| field::display(id.as_str())),
        trace_id = context.map(|context| field::display(Hex(context.trace_digits()))),
        span_id = context.map(|context| field::display(Hex(context.span_digits()))),
        parent_span_id = parent.map(|parent| field::display(Hex(parent.span_digits()))),
        { fields::OTEL_NAME } = (head.named != Named::Later).then(|| field::display(Name(method, route))),
        { fields::OTEL_KIND } = field::display("server"),
        { fields::OTEL_STATUS_CODE } = Empty,
        http.request.method = field::display(method),
        http.route = route.map(field::display),
        http.response.status_code = Empty,
        url.scheme = field::display(head.scheme),
        network.protocol.version = version(head.version).map(field::display),
        // For layers that count the database statements of a request.
        { fields::DB_QUERIES } = Empty,
        { fields::DB_TIME_MS } = Empty,
        problem.code = Empty,
        { fields::ERROR_TYPE } = Empty,
        // The error of a body that was cut.
        error.message = Empty,
    )
}

/// Gives an open span its ids.
pub(super) fn identify(span: &Span, context: &TraceContext, parent: Option<&TraceContext>) {
    record_all!(
        span,
        trace_id = %Hex(context.trace_digits()),
        span_id = %Hex(context.span_digits()),
        parent_span_id = parent.map(|parent| field::display(Hex(parent.span_digits())))
    );
}

/// The name of a span: `GET /v1/orders/{id}`. A method that is not known is `HTTP` here.
pub(super) struct Name<'a>(pub(super) &'static str, pub(super) Option<&'a str>);

impl fmt::Display for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0 == OTHER { "HTTP" } else { self.0 })?;
        self.1.map_or(Ok(()), |route| {
            f.write_str(" ")?;
            f.write_str(route)
        })
    }
}

/// An id, in hexadecimal digits.
struct Hex<const LEN: usize>([u8; LEN]);

impl<const LEN: usize> fmt::Display for Hex<LEN> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(str::from_utf8(&self.0).unwrap_or_default())
    }
}

/// A method as a name from a fixed list, so that a name which a client invents is neither logged nor counted.
pub(super) fn method(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "HEAD" => "HEAD",
        "OPTIONS" => "OPTIONS",
        "QUERY" => "QUERY",
        "CONNECT" => "CONNECT",
        "TRACE" => "TRACE",
        _ => OTHER,
    }
}

/// The scheme, if the request states `http` or `https`.
pub(super) fn scheme(uri: &Uri) -> Option<&'static str> {
    match uri.scheme_str()? {
        "https" => Some("https"),
        "http" => Some("http"),
        _ => None,
    }
}

const fn version(version: Version) -> Option<&'static str> {
    Some(match version {
        Version::HTTP_09 => "0.9",
        Version::HTTP_10 => "1.0",
        Version::HTTP_11 => "1.1",
        Version::HTTP_2 => "2",
        Version::HTTP_3 => "3",
        _ => return None,
    })
}
