//! Random settings, handlers, requests and clients.

use buttress::store::Memory;
use http::{HeaderValue, Request};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::run::{Patience, same};
use crate::script::{Act, Failure, OnFailure, Piece, Pieces, Ready, Script};
use crate::setting::Setting;

fn pieces() -> impl Strategy<Value = Pieces> {
    use Piece::{Data, Error, Panic, Trailers, Wait};
    let piece = select(vec![Data("a"), Data("five_"), Data("eight___"), Data(""), Wait, Wait, Trailers, Error, Panic]);
    (vec(piece, 0..6), any::<bool>()).prop_map(|(pieces, sized)| Pieces { pieces: pieces.into(), sized })
}

fn act() -> impl Strategy<Value = Act> {
    let headers = select(vec![
        ("content-length", "5"),
        ("content-type", "text/plain"),
        ("content-type", "application/json"),
        ("etag", "\"1\""),
        ("cache-control", "max-age=1"),
        ("x-request-id", "the handler's"),
        ("x-content-type-options", "own"),
        ("allow", "GET"),
    ]);
    let status = select(vec![101, 103, 200, 201, 204, 205, 304, 400, 401, 404, 405, 408, 413, 416, 418, 500, 503]);
    let answer = (status, vec(headers, 0..4), pieces(), any::<bool>())
        .prop_map(|(status, headers, body, route)| Act::Answer { status, headers, body, route });
    let failure = select(vec![Failure::Plain, Failure::Problem, Failure::Overloaded, Failure::Elapsed]);
    let on_failure = select(vec![OnFailure::Answer, OnFailure::Return, OnFailure::Hide]);
    let rare = select(vec![
        Act::PanicInCall,
        Act::PanicInPoll,
        Act::PanicInDrop,
        Act::Never,
        Act::Write(201),
        Act::Write(409),
        Act::Problem(401),
        Act::Problem(404),
        Act::Problem(500),
    ]);
    prop_oneof![3 => answer, 2 => on_failure.prop_map(Act::Read), 2 => rare, 1 => failure.prop_map(Act::Error)]
}

fn script() -> impl Strategy<Value = Script> {
    let ready = prop_oneof![8 => Just(Ready::Yes), 1 => Just(Ready::Error), 1 => Just(Ready::Panic)];
    (ready, 0..4usize, act()).prop_map(|(ready, waits, act)| Script { ready, waits, act })
}

fn request() -> impl Strategy<Value = Request<Pieces>> {
    let header = select(vec![
        ("x-request-id", "the-id"),
        ("x-request-id", "not sane"),
        ("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00"),
        ("traceparent", "garbage"),
        ("tracestate", "a=1"),
        ("content-length", "3"),
        ("content-length", "300"),
        ("accept-language", "de"),
    ]);
    let method = select(vec!["GET", "POST", "HEAD", "INVENTED"]);
    let version = select(vec![http::Version::HTTP_10, http::Version::HTTP_11, http::Version::HTTP_2]);
    (method, version, vec(header, 0..4), pieces()).prop_map(|(method, version, headers, body)| {
        let mut request = Request::builder().method(method).uri("/v1/orders/7?q").version(version).body(body).unwrap();
        for (name, value) in headers {
            request.headers_mut().append(name, HeaderValue::from_static(value));
        }
        request
    })
}

fn setting() -> impl Strategy<Value = Setting> {
    let flags = any::<[bool; 10]>();
    let concurrency = prop_oneof![4 => Just(None), 2 => Just(Some(2)), 1 => Just(Some(0))];
    let seconds = || prop_oneof![Just(None), (0..6u64).prop_map(Some)];
    let bytes = prop_oneof![Just(None), (0..20usize).prop_map(Some)];
    (flags, concurrency, seconds(), seconds(), bytes).prop_map(
        |(flags, concurrency, timeout, read_limit, body_limit)| {
            let [
                incoming,
                trace_response,
                other_tracer,
                debug_level,
                other_headers,
                other_problems,
                panic_messages,
                when_read,
                counts_queries,
                in_transaction,
            ] = flags;
            Setting {
                incoming,
                trace_response,
                other_tracer,
                debug_level,
                other_headers,
                other_problems,
                panic_messages,
                concurrency,
                timeout,
                read_limit,
                body_limit,
                when_read,
                counts_queries,
                transactions: in_transaction.then(|| Memory::new(Vec::new())),
            }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn nobody_can_tell_the_difference(
        setting in setting(),
        script in script(),
        request in request(),
        polls in 0..12usize,
        frames in 0..8usize,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build()?;
        runtime.block_on(same(&setting, &script, &request, Patience { polls, frames }));
    }
}
