use std::convert::Infallible;
use std::error::Error;
use std::fmt;
use std::future::ready;
use std::io;
use std::panic::resume_unwind;
use std::task::{Context, Poll};
use std::time::Duration;

use buttress::handler::IntoResponse;
use buttress::layer::ProblemsLayer;
use buttress::problem::envelope::JsonApi;
use buttress::problem::{Allow, Challenge, Envelope, ErrorStatus, ProblemDetails, ProblemType, catalogue};
use buttress::violation::{At, Violation};
use buttress::{Problem, RequestId};
use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, StatusCode};
use http_body::Body as _;
use http_body_util::BodyExt;
use serde_json::json;
use tower::{Layer, ServiceBuilder, ServiceExt, service_fn};
use tower_service::Service;

use crate::support::{Frames, Log, answer, json, read};

fn get(uri: &str) -> Request<String> {
    let id = RequestId::from_header(&HeaderValue::from_static("id-7")).unwrap();
    Request::get(uri).extension(id).body(String::new()).unwrap()
}

fn with_problem(status: u16, problem: Problem) -> Response<String> {
    let mut response = Response::builder().status(status).header("content-length", "4").body("body".into()).unwrap();
    response.extensions_mut().insert(problem);
    response
}

#[tokio::test]
async fn what_is_no_error_passes_as_it_is() {
    for status in [200, 201, 206, 301] {
        let head = Response::builder()
            .status(status)
            .header("content-length", "3")
            .header("content-encoding", "gzip")
            .header("etag", "\"7\"");
        let response = ProblemsLayer::new().layer(answer(head, "raw")).oneshot(get("/")).await.unwrap();
        assert_eq!(response.status(), status);
        assert_eq!(response.headers().len(), 3);
        assert_eq!(response.body().size_hint().exact(), Some(3));
        assert_eq!(read(response.into_body()).await, "raw");
    }
}

#[tokio::test]
async fn what_has_no_content_by_its_status_passes_without_any() {
    for (status, length) in [(101, None), (204, None), (205, Some("0")), (304, None)] {
        let head = Response::builder()
            .status(status)
            .header("content-length", "3")
            .header("transfer-encoding", "chunked")
            .header("etag", "\"7\"");
        let response = ProblemsLayer::new().layer(answer(head, "raw")).oneshot(get("/")).await.unwrap();
        assert_eq!((response.status().as_u16(), &response.headers()["etag"]), (status, &"\"7\"".parse().unwrap()));
        assert!(!response.headers().contains_key("transfer-encoding"), "{status}");
        let declared = response.headers().get("content-length").map(|length| length.to_str().unwrap());
        assert_eq!(declared, length, "{status}");
        // Servers and routers write a known body length into the head.
        assert!(response.body().is_end_stream() && response.body().size_hint().exact().is_none(), "{status}");
        assert_eq!(read(response.into_body()).await, "");
    }
    let not_modified = Response::builder().status(304).header("content-length", "1234");
    let response = ProblemsLayer::new().layer(answer(not_modified, "")).oneshot(get("/")).await.unwrap();
    assert_eq!(response.headers()["content-length"], "1234", "of the 200, as the handler says");
}

/// An informational status is not a final response.
#[tokio::test]
async fn an_informational_status_is_a_masked_500() {
    for status in [100, 102, 103, 199] {
        let log = Log::capture();
        let head = Response::builder().status(status);
        let response = ProblemsLayer::new().layer(answer(head, "secret")).oneshot(get("/")).await.unwrap();
        assert_eq!((response.status().as_u16(), &json(response).await["code"]), (500, &json!("internal")));
        assert!(log.text().contains(&format!("answered with {status}")), "{}", log.text());
    }
}

#[tokio::test]
async fn a_contract_gives_refusals_another_status_and_code() {
    const UNREADABLE: ProblemType =
        ProblemType::new(ErrorStatus::UNPROCESSABLE_ENTITY, "unreadable", "The body cannot be read");
    let problems = ProblemsLayer::new().type_base("https://e.example/").map(|problem| match problem.code() {
        "unsupported-media-type" | "conflict" => problem.with_status(ErrorStatus::UNPROCESSABLE_ENTITY),
        "malformed-body" => problem.with_kind(UNREADABLE),
        "forbidden" => problem.with_kind(catalogue::UNAUTHORIZED),
        _ => problem,
    });
    let from_handler =
        |problem: Problem| service_fn(move |_| ready(Ok::<_, Infallible>(problem.clone().into_response())));
    for (problem, status, code) in [
        (Problem::of(catalogue::UNSUPPORTED_MEDIA_TYPE), 422, "unsupported-media-type"),
        (Problem::of(catalogue::CONFLICT).with_detail("taken"), 422, "conflict"),
        (Problem::of(catalogue::MALFORMED_BODY), 422, "unreadable"),
        (Problem::of(catalogue::FORBIDDEN), 401, "unauthorized"),
        (Problem::not_found(), 404, "not-found"),
    ] {
        let log = Log::capture();
        let (detail, challenged) = (problem.detail().map(str::to_owned), status == 401);
        let response = problems.layer(from_handler(problem)).oneshot(get("/")).await.unwrap();
        assert_eq!(response.headers().contains_key("www-authenticate"), challenged);
        assert_eq!(
            (response.status().as_u16(), response.extensions().get::<Problem>().unwrap().code()),
            (status, code)
        );
        let body = json(response).await;
        assert_eq!((&body["status"], &body["code"]), (&json!(status), &json!(code)));
        assert_eq!((&body["type"], &body["detail"]), (&json!(format!("https://e.example/{code}")), &json!(detail)));
        assert!(log.text().contains(&format!("status={status} code=\"{code}\"")), "{}", log.text());
    }
    // Responses of other crates, and errors of the service.
    let foreign = answer(Response::builder().status(409), "plain");
    assert_eq!(problems.layer(foreign).oneshot(get("/")).await.unwrap().status(), 422);
    let failing = service_fn(async |_| Err::<Response<String>, _>(Problem::of(catalogue::CONFLICT)));
    assert_eq!(problems.layer(failing).oneshot(get("/")).await.unwrap().status(), 422);
}

/// Whatever the service turns a fault into: its text stays private, and the operator learns of it.
#[tokio::test]
async fn a_mapping_neither_shows_a_fault_nor_hides_it_from_the_log() {
    let failing = service_fn(async |_| Err::<Response<String>, _>(io::Error::other("password refused")));
    let with_status = |problem: Problem| problem.with_detail("the password").with_status(ErrorStatus::BAD_REQUEST);
    let replaced = |_: Problem| Problem::new(ErrorStatus::BAD_REQUEST, "bad", "Bad");
    let another = |_: Problem| Problem::new(ErrorStatus::BAD_GATEWAY, "upstream", "Upstream");
    for (problems, status) in [
        (ProblemsLayer::new().map(with_status), 400),
        (ProblemsLayer::new().map(replaced), 400),
        (ProblemsLayer::new().map(another), 502),
        (ProblemsLayer::new().map(|_| resume_unwind(Box::new("hunter2"))), 500),
    ] {
        let log = Log::capture();
        let response = problems.layer(failing).oneshot(get("/")).await.unwrap();
        assert_eq!(response.status(), status);
        assert!(!json(response).await.to_string().contains("password"));
        let text = log.text();
        assert_eq!(text.matches(" ERROR ").count(), 1, "{text}");
        assert!(text.contains("id-7") && (status == 500 || text.contains("password refused")), "{text}");
    }
}

#[tokio::test]
async fn the_first_json_error_that_is_replaced_is_a_warning_that_names_the_setting() {
    let log = Log::capture();
    let problems = ProblemsLayer::new();
    let send = async |problems: &ProblemsLayer, status: u16, kind: &str| {
        let head = Response::builder().status(status).header("content-type", kind);
        let response = problems.layer(answer(head, "{}")).oneshot(get("/")).await.unwrap();
        assert_eq!(response.headers()["content-type"], "application/problem+json");
    };
    send(&problems, 404, "text/plain").await;
    assert!(!log.text().contains("WARN"), "{}", log.text());
    // A router clones a layer for each of its routes: the clones warn once together.
    for kind in ["Application/JSON; charset=utf-8", "application/json", "application/vnd.api+json"] {
        send(&problems.clone(), 422, kind).await;
        send(&problems, 500, kind).await;
    }
    let text = log.text();
    let warnings: Vec<_> = text.lines().filter(|line| line.contains("WARN")).collect();
    let [warning] = warnings.as_slice() else { panic!("{text}") };
    assert!(warning.contains("pass_foreign") && warning.contains("buttress::problem"), "{warning}");
    let passing = ProblemsLayer::new().pass_foreign(|_, _| true);
    let head = Response::builder().status(422).header("content-type", "application/json");
    let response = passing.layer(answer(head, "{}")).oneshot(get("/")).await.unwrap();
    assert_eq!((response.headers().len(), read(response.into_body()).await), (1, Bytes::from("{}")));
    assert_eq!(log.text().matches("WARN").count(), 1);
}

#[tokio::test]
async fn a_problem_is_written_with_its_request() {
    let service =
        service_fn(async |_| Ok::<_, Infallible>(Problem::not_found().with_detail("no such mug").into_response()));
    let problems = ProblemsLayer::new().type_base("https://shop.example/problems/");
    let response = problems.layer(service).oneshot(get("/v1/caf%C3%A9%2f?token=secret")).await.unwrap();
    assert_eq!(response.headers()["content-type"], "application/problem+json");
    assert_eq!(response.extensions().get::<Problem>().unwrap().code(), "not-found");
    let expected = json!({
        "type": "https://shop.example/problems/not-found", "title": "Not found", "status": 404,
        "detail": "no such mug", "instance": "/v1/caf%C3%A9%2f", "code": "not-found", "request_id": "id-7",
    });
    assert_eq!(json(response).await, expected);
}

#[tokio::test]
async fn a_problem_forces_its_own_status() {
    for status in [200, 201, 204, 304, 500] {
        let service = service_fn(move |_| ready(Ok::<_, Infallible>(with_problem(status, Problem::not_found()))));
        let response = ProblemsLayer::new().layer(service).oneshot(get("/")).await.unwrap();
        assert_eq!(response.status(), 404);
        assert_eq!(json(response).await["status"], 404);
    }
}

#[tokio::test]
async fn every_foreign_error_is_named_by_its_status() {
    for status in 400..=599 {
        let head = Response::builder().status(status).header("content-type", "text/html");
        let response = ProblemsLayer::new().layer(answer(head, "<h1>secret</h1>")).oneshot(get("/")).await.unwrap();
        assert_eq!(response.status(), status);
        assert_eq!(response.headers()["content-type"], "application/problem+json");
        let body = json(response).await;
        assert_eq!(body["status"], status);
        assert_eq!(body["request_id"], "id-7");
        let code = body["code"].as_str().unwrap();
        assert!(code.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'), "{code}");
        assert!(!body.to_string().contains("secret"));
    }
}

#[tokio::test]
async fn headers_of_the_old_content_go_and_the_others_stay() {
    let go = [
        "content-length",
        "content-encoding",
        "content-language",
        "content-location",
        "content-disposition",
        "content-range",
        "content-digest",
        "repr-digest",
        "digest",
        "content-md5",
        "etag",
        "last-modified",
        "transfer-encoding",
        "trailer",
    ];
    let stay = [
        "allow",
        "www-authenticate",
        "proxy-authenticate",
        "retry-after",
        "accept",
        "accept-patch",
        "set-cookie",
        "vary",
        "connection",
        "upgrade",
        "location",
        "cache-control",
        "x-request-id",
        "access-control-allow-origin",
    ];
    let head = go.iter().chain(&stay).fold(Response::builder().status(400), |head, name| head.header(*name, "1"));
    let head = head.header("set-cookie", "2");
    let response = ProblemsLayer::new().layer(answer(head, "plain")).oneshot(get("/")).await.unwrap();
    for name in go {
        assert!(!response.headers().contains_key(name), "{name} is still there");
    }
    for name in stay {
        assert_eq!(response.headers()[name], "1", "{name}");
    }
    assert_eq!(response.headers().get_all("set-cookie").iter().count(), 2);
}

/// axum's own tuples put the headers of a success around any result.
#[tokio::test]
async fn caches_do_not_keep_a_failure_as_they_would_a_success() {
    let caching = |problem: Problem| {
        let mut response = with_problem(200, problem);
        response.headers_mut().insert("cache-control", HeaderValue::from_static("public, max-age=3600"));
        response.headers_mut().insert("expires", HeaderValue::from_static("Thu, 01 Jan 2099 00:00:00 GMT"));
        ProblemsLayer::new().layer(service_fn(move |_| ready(Ok::<_, Infallible>(response.clone())))).oneshot(get("/"))
    };
    let response = caching(Problem::not_found()).await.unwrap();
    assert_eq!(response.headers()["cache-control"], "no-store");
    assert!(!response.headers().contains_key("expires"));
    let kept = Problem::not_found().with_header(http::header::CACHE_CONTROL, HeaderValue::from_static("max-age=5"));
    assert_eq!(caching(kept).await.unwrap().headers()["cache-control"], "max-age=5");
}

#[tokio::test]
async fn a_416_still_tells_how_long_the_resource_is() {
    let head = Response::builder().status(416).header("content-range", "bytes */47022");
    let response = ProblemsLayer::new().layer(answer(head, "")).oneshot(get("/")).await.unwrap();
    assert_eq!(response.headers()["content-range"], "bytes */47022");
}

#[tokio::test]
async fn mandatory_headers_are_added_where_they_are_missing() {
    for (status, header, own, default) in [
        (401, "www-authenticate", "Digest realm=\"x\"", "Bearer"),
        (407, "proxy-authenticate", "Negotiate", "Basic"),
        (426, "upgrade", "websocket", "HTTP/2.0"),
    ] {
        let bare = Response::builder().status(status);
        let response = ProblemsLayer::new().layer(answer(bare, "")).oneshot(get("/")).await.unwrap();
        assert_eq!(response.headers()[header], default);
        let complete = Response::builder().status(status).header(header, own);
        let response = ProblemsLayer::new().layer(answer(complete, "")).oneshot(get("/")).await.unwrap();
        assert_eq!(response.headers().get_all(header).iter().collect::<Vec<_>>(), [own]);
    }
}

/// axum adds the `Allow` of its 405 outside the layers of its routes, unless there is one already. An empty one from
/// this layer used to prevent that.
#[tokio::test]
async fn the_methods_of_a_405_are_left_to_the_router() {
    let route = axum::routing::get(|| async {}).put(|| async {});
    let router = axum::Router::new().route("/", route);
    let request = || axum::extract::Request::delete("/").body(axum::body::Body::empty()).unwrap();
    let inside = router.clone().layer(ProblemsLayer::new()).oneshot(request()).await.unwrap();
    let nested = axum::Router::new().nest("/v1", router.clone()).layer(ProblemsLayer::new());
    let nested = nested.oneshot(axum::extract::Request::delete("/v1").body(axum::body::Body::empty()).unwrap()).await;
    let outside = ProblemsLayer::new().layer(router).oneshot(request()).await.unwrap();
    assert_eq!(inside.headers()["allow"], "GET,HEAD,PUT");
    assert_eq!(nested.unwrap().headers()["allow"], "GET,HEAD,PUT");
    assert_eq!(outside.headers()["allow"], "GET,HEAD,PUT");
    assert_eq!(
        (inside.status(), &inside.headers()["content-type"]),
        (405.try_into().unwrap(), &"application/problem+json".parse().unwrap())
    );
}

#[tokio::test]
async fn a_problem_brings_its_headers_into_any_response() {
    for (problem, header, value) in [
        (Problem::unauthorized(&Challenge::new("Tenant")), "www-authenticate", "Tenant"),
        (Problem::method_not_allowed(&Allow::new(&[Method::GET])), "allow", "GET"),
        (Problem::of(catalogue::TOO_MANY_REQUESTS).with_retry_after(Duration::from_millis(1_500)), "retry-after", "2"),
    ] {
        let service = service_fn(move |_| ready(Ok::<_, Infallible>(with_problem(200, problem.clone()))));
        let response = ProblemsLayer::new().layer(service).oneshot(get("/")).await.unwrap();
        assert_eq!(response.headers()[header], value);
        assert!(!response.headers().contains_key("content-length"));
    }
}

#[derive(Debug, thiserror::Error)]
#[error("while serving")]
struct Wrapped(#[source] Box<dyn Error + Send + Sync>);

#[tokio::test]
async fn an_error_of_the_service_is_masked_and_logged_once() {
    let log = Log::capture();
    let service = service_fn(async |_| {
        let refused = io::Error::other("password authentication failed for user \"shop\"");
        Err::<Response<String>, _>(Wrapped(refused.into()))
    });
    let response = ProblemsLayer::new().layer(service).oneshot(get("/pay?card=4242")).await.unwrap();
    let expected = json!({
        "title": "Internal server error", "status": 500, "instance": "/pay", "code": "internal", "request_id": "id-7",
    });
    assert_eq!(json(response).await, expected);
    let text = log.text();
    assert_eq!(text.lines().count(), 1, "{text}");
    for part in ["ERROR", "id-7", "code=\"internal\"", "while serving: password authentication failed"] {
        assert!(text.contains(part), "{part} is missing in {text}");
    }
    assert!(!text.contains("4242"));
}

#[tokio::test]
async fn a_problem_behind_an_error_is_that_problem() {
    let service = service_fn(async |_| {
        let inner = Wrapped(Problem::not_found().with_detail("no such mug").into());
        Err::<Response<String>, _>(Wrapped(inner.into()))
    });
    let response = ProblemsLayer::new().layer(service).oneshot(get("/")).await.unwrap();
    assert_eq!(response.status(), 404);
    assert_eq!(json(response).await["detail"], "no such mug");
}

#[tokio::test(start_paused = true)]
async fn the_errors_of_towers_timeout_and_load_shed_are_503s() {
    let stuck = service_fn(|_: Request<String>| std::future::pending::<Result<Response<String>, Infallible>>());
    let slow = ServiceBuilder::new().layer(ProblemsLayer::new()).timeout(Duration::from_secs(1)).service(stuck);
    let response = slow.oneshot(get("/")).await.unwrap();
    assert_eq!(
        (response.status(), json(response).await["code"].clone()),
        (StatusCode::SERVICE_UNAVAILABLE, "timeout".into())
    );

    let busy = ServiceBuilder::new().layer(ProblemsLayer::new()).load_shed().concurrency_limit(1).service(stuck);
    let first = tokio::spawn(busy.clone().oneshot(get("/")));
    tokio::task::yield_now().await;
    let response = busy.clone().oneshot(get("/")).await.unwrap();
    assert_eq!(response.headers()["retry-after"], "1");
    assert_eq!(
        (response.status(), json(response).await["code"].clone()),
        (StatusCode::SERVICE_UNAVAILABLE, "overloaded".into())
    );

    // Once the first is gone there is room again: the second waits for its handler, not for a permit.
    first.abort();
    assert!(first.await.unwrap_err().is_cancelled());
    assert!(tokio::time::timeout(Duration::from_secs(1), busy.oneshot(get("/"))).await.is_err());
}

#[tokio::test]
async fn a_body_error_that_a_handler_lets_out_is_a_413() {
    let service = service_fn(async |request: Request<String>| {
        let body = http_body_util::Limited::new(request.into_body(), 3);
        body.collect().await.map(|all| Response::new(String::from_utf8(all.to_bytes().into()).unwrap()))
    });
    let response = ProblemsLayer::new().layer(service).oneshot(Request::new("four".to_owned())).await.unwrap();
    assert_eq!(response.status(), 413);
}

/// Fails in `poll_ready` once, then works.
#[derive(Clone)]
struct Unready(bool);

impl Service<Request<String>> for Unready {
    type Response = Response<String>;
    type Error = io::Error;
    type Future = std::future::Ready<Result<Response<String>, io::Error>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), io::Error>> {
        let failed = std::mem::replace(&mut self.0, false);
        Poll::Ready(if failed { Err(io::Error::other("secret")) } else { Ok(()) })
    }

    fn call(&mut self, _: Request<String>) -> Self::Future {
        ready(Ok(Response::new("fine".into())))
    }
}

#[tokio::test]
async fn an_error_of_poll_ready_answers_the_next_call() {
    let mut service = ProblemsLayer::new().layer(Unready(true));
    let response = service.ready().await.unwrap().call(get("/")).await.unwrap();
    assert_eq!(response.status(), 500);
    let clone = service.clone().oneshot(get("/")).await.unwrap();
    assert_eq!(clone.status(), 200);
    assert_eq!(service.ready().await.unwrap().call(get("/")).await.unwrap().status(), 200);
}

#[tokio::test]
async fn head_says_what_get_would_say() {
    let service = service_fn(async |_| Ok::<_, Infallible>(Problem::not_found().into_response()));
    let service = ProblemsLayer::new().layer(service);
    let full = service.clone().oneshot(get("/")).await.unwrap();
    let mut request = get("/");
    *request.method_mut() = Method::HEAD;
    let head = service.oneshot(request).await.unwrap();
    assert_eq!((head.status(), &head.headers()["content-type"]), (full.status(), &full.headers()["content-type"]));
    let length = read(full.into_body()).await.len();
    assert_eq!(head.headers()["content-length"], length.to_string());
    assert!(head.body().is_end_stream());
    assert_eq!(read(head.into_body()).await, "");
}

#[tokio::test]
async fn the_path_of_any_request_target_is_the_instance() {
    for (uri, instance) in [
        ("/", Some("/")),
        ("*", Some("*")),
        ("http://shop.example", Some("/")),
        ("http://user:pass@shop.example/a?b", Some("/a")),
        ("shop.example:443", None),
        ("/?q", Some("/")),
        ("//double//slash?", Some("/.//double//slash")),
    ] {
        let head = Response::builder().status(404);
        let response = ProblemsLayer::new().layer(answer(head, "")).oneshot(get(uri)).await.unwrap();
        assert_eq!(json(response).await.get("instance").and_then(|path| path.as_str()), instance, "{uri}");
    }
}

#[tokio::test]
async fn a_predicate_lets_an_upstream_speak() {
    let problems = ProblemsLayer::new().pass_foreign(|status, headers| {
        status.is_client_error() && headers.get("content-type").is_some_and(|kind| kind == "application/json")
    });
    for (status, kind, passes) in
        [(409, "application/json", true), (502, "application/json", false), (409, "text/plain", false)]
    {
        let head = Response::builder().status(status).header("content-type", kind).header("etag", "\"1\"");
        let response = problems.layer(answer(head, "{}")).oneshot(get("/")).await.unwrap();
        assert_eq!((response.status().as_u16(), response.headers().contains_key("etag")), (status, passes));
        assert_eq!(read(response.into_body()).await == "{}", passes);
    }
    let own = service_fn(async |_| {
        let mut response = with_problem(404, Problem::not_found());
        response.headers_mut().insert("content-type", HeaderValue::from_static("application/json"));
        Ok::<_, Infallible>(response)
    });
    let response = problems.layer(own).oneshot(get("/")).await.unwrap();
    assert_eq!(json(response).await["code"], "not-found");
}

#[tokio::test]
async fn messages_are_translated_by_code_and_limits() {
    let problems = ProblemsLayer::new().translate(|violation, languages| {
        let german = languages.is_some_and(|languages| languages.starts_with("de"));
        let max = violation.param("max")?;
        german.then(|| format!("höchstens {max}"))
    });
    let service = service_fn(async |_| {
        let at = At::body();
        let long = Violation::at(&at.member("name"), "length", "must be short").with_param("max", 7);
        let found = [long, Violation::at(&at.member("age"), "required", "is required")];
        Ok::<_, Infallible>(Problem::invalid_input(found.into_iter().collect()).into_response())
    });
    for (languages, message) in
        [(Some("de-AT,en;q=0.5"), "höchstens 7"), (Some("en"), "must be short"), (None, "must be short")]
    {
        let mut request = get("/");
        request.headers_mut().extend(languages.map(|it| (http::header::ACCEPT_LANGUAGE, HeaderValue::from_static(it))));
        let response = problems.layer(service).oneshot(request).await.unwrap();
        assert_eq!(response.headers()["vary"], "accept-language");
        let errors = json(response).await["errors"].clone();
        assert_eq!((&errors[0]["detail"], &errors[1]["detail"]), (&json!("is required"), &json!(message)));
    }
    let response = problems.layer(answer(Response::builder().status(404), "")).oneshot(get("/")).await.unwrap();
    assert!(!response.headers().contains_key("vary"), "nothing was negotiated");
}

#[tokio::test]
async fn another_envelope_writes_everything() {
    let head = Response::builder().status(404);
    let response = ProblemsLayer::new().envelope(JsonApi).layer(answer(head, "plain")).oneshot(get("/")).await.unwrap();
    assert_eq!(response.headers()["content-type"], "application/vnd.api+json");
    let expected = json!({"errors": [{"id": "id-7", "status": "404", "code": "not-found", "title": "Not found"}]});
    assert_eq!(json(response).await, expected);
}

#[tokio::test]
async fn a_body_that_fails_is_cut_and_logged_with_the_id() {
    let log = Log::capture();
    let service = service_fn(async |_| {
        let body = Frames::new([Ok("first"), Err(io::Error::other("disk on fire"))]);
        Ok::<_, Infallible>(Response::new(body))
    });
    let response = ProblemsLayer::new().layer(service).oneshot(get("/")).await.unwrap();
    assert_eq!(response.status(), 200);
    let mut body = response.into_body();
    assert_eq!(body.frame().await.unwrap().unwrap().into_data().unwrap(), Bytes::from("first"));
    assert!(body.frame().await.unwrap().is_err());
    let text = log.text();
    assert_eq!(text.lines().count(), 1, "{text}");
    assert!(text.contains("response body was cut") && text.contains("id-7") && text.contains("disk on fire"), "{text}");
}

#[tokio::test]
async fn a_refused_request_is_no_error_in_the_log() {
    let log = Log::capture();
    let head = Response::builder().status(404);
    ProblemsLayer::new().layer(answer(head, "secret")).oneshot(get("/?secret")).await.unwrap();
    let text = log.text();
    assert!(text.contains("DEBUG") && text.contains("not-found") && text.contains("id-7"), "{text}");
    assert!(!text.contains("ERROR") && !text.contains("secret"), "{text}");
}

#[tokio::test]
async fn without_an_id_there_is_no_request_id() {
    let head = Response::builder().status(404);
    let request = Request::new(String::new());
    let response = ProblemsLayer::new().layer(answer(head, "")).oneshot(request).await.unwrap();
    assert!(json(response).await.get("request_id").is_none());
}

/// As a reference, `//evil.example/` names another host (RFC 3986 §4.2).
#[tokio::test]
async fn an_instance_never_names_a_host() {
    for (target, instance) in
        [("//evil.example/a", "/.//evil.example/a"), ("http://a.example//b", "/.//b"), ("/a//b", "/a//b")]
    {
        let service = ProblemsLayer::new().layer(answer(Response::builder().status(404), ""));
        let response = service.oneshot(get(target)).await.unwrap();
        assert_eq!(json(response).await["instance"], instance, "{target}");
    }
}

#[tokio::test]
async fn a_future_that_is_printed_says_nothing_of_its_request() {
    let request = Request::get("/hunter2?token=hunter2").header("accept-language", "hunter2");
    let layer = ProblemsLayer::new().translate(|_, _| None);
    let mut service = layer.layer(
        answer(Response::builder(), "").map_future(|_| std::future::pending::<Result<Response<String>, Infallible>>()),
    );
    let future = service.ready().await.unwrap().call(request.body(String::new()).unwrap());
    assert!(!format!("{future:?}").contains("hunter2"), "{future:?}");
}

/// A panic in the service's envelope, translation or `Display` must not cost the client its response.
#[tokio::test]
async fn a_panic_while_a_problem_is_written_is_a_masked_500() {
    struct Broken;
    impl Envelope for Broken {
        fn content_type(&self) -> HeaderValue {
            HeaderValue::from_static("text/plain")
        }
        fn write(&self, _: &ProblemDetails<'_>, _: &mut Vec<u8>) {
            resume_unwind(Box::new("hunter2"));
        }
    }
    #[derive(Debug)]
    struct Mute;
    impl fmt::Display for Mute {
        fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
            resume_unwind(Box::new("hunter2"))
        }
    }
    impl Error for Mute {}

    let violation = Violation::at(&At::body(), "type", "must be an object");
    let translate = |_: &Violation, _: Option<&str>| resume_unwind(Box::new("hunter2"));
    for (layer, problem) in [
        (ProblemsLayer::new().envelope(Broken), Problem::not_found()),
        (ProblemsLayer::new().translate(translate), Problem::from(violation)),
        (ProblemsLayer::new(), Problem::internal(Mute)),
    ] {
        let log = Log::capture();
        let service = service_fn(move |_| ready(Ok::<_, Infallible>(with_problem(200, problem.clone()))));
        let response = layer.layer(service).oneshot(get("/")).await.unwrap();
        assert_eq!(response.status(), 500);
        assert_eq!(response.headers()["content-type"], "application/problem+json");
        let body = json(response).await;
        assert_eq!((&body["code"], &body["request_id"]), (&"internal".into(), &"id-7".into()));
        assert!(!log.text().contains("hunter2"), "{}", log.text());
        assert!(log.text().contains("id-7"), "{}", log.text());
    }
}
