//! A problem as a response.

use buttress::Problem;
use buttress::handler::IntoResponse;
use buttress::problem::{Allow, Challenge, ErrorStatus, ProblemType, catalogue};
use http::header::{CACHE_CONTROL, HeaderName};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use http_body::Body;

use crate::body_of;

#[test]
fn the_length_is_known_before_the_body_is_written() {
    let response = Problem::not_found().into_response();
    assert_eq!(response.headers()["content-type"], "application/problem+json");
    let length = response.body().size_hint().exact();
    assert_eq!(length, Some(body_of(response).len() as u64));
}

#[test]
fn the_typed_error_is_in_the_extensions() {
    let response = Problem::internal(std::io::Error::other("down")).into_response();
    let problem = response.extensions().get::<Problem>().unwrap();
    assert_eq!(problem.error::<std::io::Error>().unwrap().to_string(), "down");
}

#[test]
fn a_status_beside_a_problem_does_not_win() {
    for status in [StatusCode::OK, StatusCode::NO_CONTENT, StatusCode::FOUND, StatusCode::BAD_GATEWAY] {
        assert_eq!((status, Problem::not_found()).into_response().status(), 404);
        let result: Result<&str, Problem> = Err(Problem::not_found());
        assert_eq!((status, (HeaderMap::new(), result)).into_response().status(), 404);
    }
    assert_eq!((StatusCode::CREATED, Ok::<_, Problem>("made")).into_response().status(), 201);
}

#[test]
fn headers_beside_a_problem_take_nothing_from_it() {
    let mut headers = HeaderMap::new();
    headers.insert("www-authenticate", HeaderValue::from_static("Wrong"));
    headers.insert("content-type", HeaderValue::from_static("text/html"));
    headers.insert("x-more", HeaderValue::from_static("1"));
    let response = (headers, Problem::unauthorized(&Challenge::bearer())).into_response();
    assert_eq!(response.headers()["www-authenticate"], "Bearer");
    assert_eq!(response.headers()["content-type"], "application/problem+json");
    assert_eq!(response.headers()["x-more"], "1");
}

#[test]
fn headers_of_a_success_do_not_describe_its_failure() {
    let of_a_success = [
        ("cache-control", "public, max-age=3600"),
        ("expires", "Thu, 01 Jan 2099 00:00:00 GMT"),
        ("etag", "\"7\""),
        ("last-modified", "Thu, 01 Jan 2026 00:00:00 GMT"),
        ("content-length", "3"),
        ("content-encoding", "gzip"),
        ("content-disposition", "attachment"),
        ("content-range", "bytes 0-2/3"),
        ("transfer-encoding", "chunked"),
        ("vary", "accept"),
    ];
    let headers: HeaderMap =
        of_a_success.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect();
    let answer =
        |failing: Result<&'static str, Problem>| (headers.clone(), failing).into_response().into_parts().0.headers;
    assert_eq!(answer(Ok("fine")).len(), of_a_success.len() + 1, "and a content type");

    let failed = answer(Err(Problem::not_found()));
    assert_eq!(failed["cache-control"], "no-store");
    assert_eq!(failed["vary"], "accept", "what speaks of the request stays");
    assert_eq!(failed.len(), 3, "{failed:?}");

    let cacheable = Problem::not_found().with_header(CACHE_CONTROL, HeaderValue::from_static("max-age=5"));
    assert_eq!(answer(Err(cacheable))["cache-control"], "max-age=5", "what the problem says itself stays");
}

#[test]
fn what_a_status_needs_is_always_there() {
    for (problem, status, name, value) in [
        (Problem::unauthorized(&Challenge::new("Basic")), 401, "www-authenticate", "Basic"),
        (Problem::of(catalogue::UNAUTHORIZED), 401, "www-authenticate", "Bearer"),
        (Problem::method_not_allowed(&Allow::new(&[Method::GET])), 405, "allow", "GET"),
        (Problem::method_not_allowed(&Allow::new(&[])), 405, "allow", ""),
        (Problem::of(catalogue::PROXY_AUTHENTICATION_REQUIRED), 407, "proxy-authenticate", "Basic"),
        (Problem::of(catalogue::UPGRADE_REQUIRED), 426, "upgrade", "HTTP/2.0"),
        (Problem::of(ProblemType::unauthorized("code", "Title", "bad\nvalue")), 401, "www-authenticate", "Bearer"),
        (Problem::of(ProblemType::unauthorized("code", "Title", "")), 401, "www-authenticate", "Bearer"),
        (Problem::of(ProblemType::proxy_authentication_required("code", "T", "")), 407, "proxy-authenticate", "Basic"),
        (Problem::of(ProblemType::upgrade_required("code", "Title", "\0")), 426, "upgrade", "HTTP/2.0"),
    ] {
        let response = problem.into_response();
        assert_eq!(response.status(), status);
        assert_eq!(response.headers()[name], value, "{status}");
    }
    for status in (400..600).filter_map(|status| StatusCode::from_u16(status).ok()) {
        let kind = catalogue::for_status(status);
        assert_eq!(kind.status(), status);
        let needs = matches!(status.as_u16(), 401 | 405 | 407 | 426);
        assert_eq!(Problem::of(kind).headers().len(), usize::from(needs), "{status}");
        assert_eq!(ErrorStatus::try_from(status).is_ok(), !needs);
    }
    assert!((100..400).filter_map(|s| StatusCode::from_u16(s).ok()).all(|s| ErrorStatus::try_from(s).is_err()));
}

#[test]
fn a_challenge_cannot_break_out_of_its_header() {
    let challenge = Challenge::bearer().param("error", "a\"b\\c\r\nset-cookie: d\u{e9}");
    let response = Problem::unauthorized(&challenge).into_response();
    assert_eq!(response.headers()["www-authenticate"], r#"Bearer error="a\"b\\cset-cookie: d""#);
}

#[test]
fn a_problem_cannot_say_how_it_is_framed() {
    for name in ["content-length", "transfer-encoding", "content-encoding", "content-type", "trailer"] {
        let name: HeaderName = name.parse().unwrap();
        let response = Problem::not_found().with_header(name, HeaderValue::from_static("1")).into_response();
        assert_eq!(response.headers().len(), 1, "{:?}", response.headers());
        assert_eq!(response.headers()["content-type"], "application/problem+json");
    }
}
