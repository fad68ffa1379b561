//! With `tracing-opentelemetry` and an exporter: the ids in the log and in the headers are the exported ones.

use std::num::{NonZeroU64, NonZeroU128};

use buttress::TraceContext;
use buttress::layer::{RequestIdLayer, TraceLayer};
use buttress::stack::Stack;
use http::{HeaderMap, Request, Response};
use http_body_util::BodyExt;
use opentelemetry::Context;
use opentelemetry::trace::{
    SpanContext, SpanId, TraceContextExt, TraceFlags, TraceId, TraceState, TracerProvider as _,
};
use opentelemetry_sdk::trace::{InMemorySpanExporter, Sampler, SdkTracerProvider, SpanData};
use tower::{Layer, ServiceExt, service_fn};
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt;
use tracing_subscriber::layer::SubscriberExt;

const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

/// The function from the documentation of `layer::trace`.
fn exported(span: &Span, caller: Option<&TraceContext>) -> Option<TraceContext> {
    if let Some(caller) = caller {
        let state = caller.tracestate().and_then(|list| list.to_str().ok()?.parse::<TraceState>().ok());
        let parent = SpanContext::new(
            TraceId::from(caller.trace_id().get()),
            SpanId::from(caller.span_id().get()),
            if caller.is_sampled() { TraceFlags::SAMPLED } else { TraceFlags::default() },
            true,
            state.unwrap_or_default(),
        );
        let _ = span.set_parent(Context::new().with_remote_span_context(parent));
    }
    let context = span.context();
    let own = context.span().span_context().clone();
    let trace_id = NonZeroU128::new(u128::from_be_bytes(own.trace_id().to_bytes()))?;
    let span_id = NonZeroU64::new(u64::from_be_bytes(own.span_id().to_bytes()))?;
    Some(TraceContext::new(trace_id, span_id, own.is_sampled()).with_tracestate(&own.trace_state().header()))
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Layers {
    ByHand,
    Fused,
}

/// The traces that one request with these headers left.
struct Seen {
    exported: Vec<SpanData>,
    outgoing: HeaderMap,
    answer: HeaderMap,
}

impl Seen {
    fn attribute(&self, name: &str) -> Option<String> {
        let attributes = &self.exported[0].attributes;
        attributes.iter().find(|one| one.key.as_str() == name).map(|one| one.value.as_str().into_owned())
    }

    /// The ids of the only exported span, in the form of a `traceparent`.
    fn span(&self) -> String {
        assert_eq!(self.exported.len(), 1, "{:?}", self.exported);
        let context = &self.exported[0].span_context;
        format!("00-{}-{}-{:02x}", context.trace_id(), context.span_id(), context.trace_flags().to_u8())
    }
}

async fn handler<B>(request: Request<B>) -> Result<Response<String>, std::convert::Infallible> {
    let mut response = Response::new(String::from("hello"));
    let context = request.extensions().get::<TraceContext>().unwrap();
    context.write_to(response.headers_mut());
    response.extensions_mut().insert(buttress::handler::RouteTemplate::new("/v1/orders/{id}"));
    Ok(response)
}

async fn through(layers: Layers, trace: TraceLayer, sampler: Sampler, headers: &[(&'static str, &str)]) -> Seen {
    let exporter = InMemorySpanExporter::default();
    let provider = SdkTracerProvider::builder().with_sampler(sampler).with_simple_exporter(exporter.clone()).build();
    let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("shop"));
    let guard = tracing::subscriber::set_default(tracing_subscriber::registry().with(layer));
    let mut request = Request::new(String::new());
    for (name, value) in headers {
        request.headers_mut().append(*name, value.parse().unwrap());
    }
    let trace = trace.context_from(exported).trace_response();
    let (parts, _) = match layers {
        Layers::ByHand => {
            let service = RequestIdLayer::new().layer(trace.layer(service_fn(handler)));
            let (parts, body) = service.oneshot(request).await.unwrap().into_parts();
            (parts, body.collect().await.unwrap().to_bytes())
        }
        Layers::Fused => {
            let service = Stack::new().trace(trace).layer(service_fn(handler));
            let (parts, body) = service.oneshot(request).await.unwrap().into_parts();
            (parts, body.collect().await.unwrap().to_bytes())
        }
    };
    drop(guard);
    provider.force_flush().unwrap();
    Seen { exported: exporter.get_finished_spans().unwrap(), outgoing: parts.headers.clone(), answer: parts.headers }
}

const BOTH: [Layers; 2] = [Layers::ByHand, Layers::Fused];

#[tokio::test(flavor = "current_thread")]
async fn the_ids_that_are_exported_are_those_of_the_log_and_of_the_headers() {
    crate::capture::watch();
    for layers in BOTH {
        let incoming = [("traceparent", PARENT), ("tracestate", "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE")];
        let seen = through(layers, TraceLayer::new(), Sampler::AlwaysOn, &incoming).await;
        assert_eq!(seen.outgoing["traceparent"], seen.span().as_str());
        assert_eq!(seen.answer["traceresponse"], seen.span().as_str());
        assert_eq!(seen.outgoing["tracestate"], "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE");
        let span = &seen.exported[0];
        assert_eq!(span.span_context.trace_id().to_string(), "4bf92f3577b34da6a3ce929d0e0e4736");
        assert_eq!(span.parent_span_id.to_string(), "00f067aa0ba902b7");
        assert!(span.parent_span_is_remote);
        assert_eq!((&*span.name, seen.attribute("http.route").as_deref()), ("GET", Some("/v1/orders/{id}")));
        for (name, value) in [
            ("trace_id", span.span_context.trace_id().to_string()),
            ("span_id", span.span_context.span_id().to_string()),
            ("parent_span_id", "00f067aa0ba902b7".to_owned()),
        ] {
            assert_eq!(seen.attribute(name), Some(value), "{layers:?} {name}");
        }
    }
}

#[tokio::test(flavor = "current_thread")]
async fn without_a_usable_parent_the_exporter_begins_the_trace() {
    crate::capture::watch();
    let zeros = "00-00000000000000000000000000000000-00f067aa0ba902b7-01";
    for layers in BOTH {
        for parent in [None, Some(zeros), Some("garbage")] {
            let incoming: Vec<_> = parent.map(|parent| ("traceparent", parent)).into_iter().collect();
            let seen = through(layers, TraceLayer::new(), Sampler::AlwaysOn, &incoming).await;
            assert_eq!(seen.outgoing["traceparent"], seen.span().as_str());
            assert_eq!(seen.exported[0].parent_span_id, SpanId::INVALID);
            assert_eq!(seen.attribute("parent_span_id"), None);
        }
        let seen =
            through(layers, TraceLayer::new().without_incoming(), Sampler::AlwaysOn, &[("traceparent", PARENT)]).await;
        assert_eq!(seen.exported[0].parent_span_id, SpanId::INVALID);
        assert!(!seen.outgoing["traceparent"].to_str().unwrap().contains("4bf92f3577b34da6a3ce929d0e0e4736"));
    }
}

#[tokio::test(flavor = "current_thread")]
async fn what_is_not_sampled_says_so_further_on() {
    crate::capture::watch();
    let unsampled = PARENT.replace("-01", "-00");
    for layers in BOTH {
        let inherited = Sampler::ParentBased(Box::new(Sampler::AlwaysOn));
        for (sampler, parent) in [(inherited, &*unsampled), (Sampler::AlwaysOff, PARENT)] {
            let seen = through(layers, TraceLayer::new(), sampler, &[("traceparent", parent)]).await;
            assert!(seen.exported.is_empty());
            let outgoing = seen.outgoing["traceparent"].to_str().unwrap();
            assert!(outgoing.starts_with(&PARENT[..36]) && outgoing.ends_with("-00"), "{outgoing}");
            assert_eq!(seen.answer["traceresponse"], outgoing);
        }
    }
}

/// The hook returns nothing if nothing is exported.
#[tokio::test(flavor = "current_thread")]
async fn without_an_exporter_the_ids_are_those_of_the_layer() {
    let capture = crate::capture::Capture::new();
    let request = Request::get("/").header("traceparent", PARENT).body(()).unwrap();
    let service = TraceLayer::new().context_from(exported).layer(service_fn(handler));
    let response = service.oneshot(request).await.unwrap();
    let fields = capture.seen().spans[0].fields.clone();
    let expected = format!("{}{}-01", &PARENT[..36], fields["span_id"]);
    assert_eq!(response.headers()["traceparent"], expected.as_str());
    assert_eq!(fields["parent_span_id"], "00f067aa0ba902b7");
}
