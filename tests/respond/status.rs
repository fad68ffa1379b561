use std::time::Duration;

use buttress::respond::{Accepted, Created, Location, NoContent, SeeOther, Versioned};
use buttress::{EntityTag, Json};
use http::{HeaderMap, HeaderValue, StatusCode};

use crate::{Answer, Unserialisable, assert_masked};

#[test]
fn json_says_what_it_is_and_how_long() {
    let answer = Answer::of(Json(serde_json::json!({"a": [1, null, "é"]})));
    assert_eq!((answer.status(), answer.header("content-type")), (200, Some("application/json")));
    assert_eq!(answer.body, r#"{"a":[1,null,"é"]}"#);
}

#[test]
fn json_of_any_size_is_whole() {
    for size in [0, 1, 100, 65_533, 65_534, 65_535, 200_000, 3] {
        assert_eq!(Answer::of(Json("x".repeat(size))).body, format!("\"{}\"", "x".repeat(size)));
    }
}

#[test]
fn a_serialiser_that_answers_in_json_itself_does_not_disturb() {
    struct Nested;
    impl serde::Serialize for Nested {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.serialize_str(&Answer::of(Json("inner")).body)
        }
    }
    assert_eq!(Answer::of(Json((1, Nested, 2))).body, r#"[1,"\"inner\"",2]"#);
}

#[test]
fn what_does_not_serialise_is_a_masked_server_error_whatever_wraps_it() {
    assert_masked(&Answer::of(Json(Unserialisable)));
    assert_masked(&Answer::of((StatusCode::CREATED, Json((1, Unserialisable)))));
    assert_masked(&Answer::of(Accepted::new(Json(Unserialisable)).monitor("/x")));
    let answer = Answer::of(Versioned::new(EntityTag::version(7), Created::at("/x", Json(Unserialisable))));
    assert_masked(&answer);
    assert_eq!((answer.header("location"), answer.header("etag")), (None, None));
    // The half-written value does not reach the next response.
    assert_eq!(Answer::of(Json(1)).body, "1");
}

#[test]
fn created_says_where() {
    let answer = Answer::of(Created::at("/v1/orders/7", Json(7)));
    assert_eq!((answer.status(), answer.header("location"), &*answer.body), (201, Some("/v1/orders/7"), "7"));
    assert_eq!(Answer::of(Created::at("/x", ())).status(), 201);
}

#[test]
fn created_keeps_a_refusal() {
    let refused: Result<Json<u8>, _> = Err(buttress::Problem::not_found());
    let answer = Answer::of(Created::at("/x", refused));
    assert_eq!((answer.status(), answer.header("location")), (404, None));
}

#[test]
fn answers_compose() {
    let headers = HeaderMap::from_iter([(http::header::CACHE_CONTROL, HeaderValue::from_static("no-store"))]);
    let answer = Answer::of((headers, Versioned::new(EntityTag::version(1), Created::at("/x", Json(1)))));
    let seen = (answer.status(), answer.header("etag"), answer.header("location"), answer.header("cache-control"));
    assert_eq!(seen, (201, Some("\"1\""), Some("/x"), Some("no-store")));
}

#[test]
fn a_location_is_encoded_once() {
    for (given, sent) in [
        ("/a b", "/a%20b"),
        ("/a%20b", "/a%20b"),
        ("/100%", "/100%25"),
        ("/%zz", "/%25zz"),
        ("/%4", "/%254"),
        ("/%é", "/%25%C3%A9"),
        ("https://shop.example:8443/a?b=c&d=[1]#e", "https://shop.example:8443/a?b=c&d=[1]#e"),
        ("/<script>\"", "/%3Cscript%3E%22"),
    ] {
        assert_eq!(Location::from(given).as_str(), Some(sent));
    }
    assert_eq!(Location::segments(["v1", "a/../b", "é ?#%"]).as_str(), Some("/v1/a%2F..%2Fb/%C3%A9%20%3F%23%25"));
}

#[test]
fn a_location_that_cannot_be_sent_is_a_masked_server_error() {
    for bad in ["", "/a\r\nset-cookie: x=1", "/a\0", "/a\u{7f}"] {
        assert_masked(&Answer::of(Created::at(bad, Json(1))));
        assert_masked(&Answer::of(Accepted::new(()).monitor(bad)));
        assert_masked(&Answer::of(SeeOther::at(bad)));
    }
    let long = "x".repeat(8_000);
    assert_masked(&Answer::of(Created::at(Location::segments(["v1", &long]), Json(1))));
    assert_masked(&Answer::of(Created::at(format!("/{}", "é".repeat(2_000)), Json(1))));
    assert_eq!(Answer::of(Created::at(format!("/{}", "x".repeat(7_999)), ())).status(), 201);
    for bad in [&["v1", ""][..], &["..", "x"], &["."], &[]] {
        assert_masked(&Answer::of(Created::at(Location::segments(bad), ())));
    }
}

#[test]
fn accepted_says_where_to_ask_and_when() {
    let answer = Answer::of(Accepted::new(Json(1)).monitor("/m").retry_after(Duration::from_millis(4_001)));
    assert_eq!(
        (answer.status(), answer.header("location"), answer.header("retry-after")),
        (202, Some("/m"), Some("5"))
    );
    assert_eq!(Answer::of(Accepted::new(()).retry_after(Duration::MAX)).status(), 202);
}

#[test]
fn answers_without_content() {
    let answer = Answer::of(NoContent);
    assert_eq!((answer.status(), &*answer.body, answer.header("content-type")), (204, "", None));
    for status in [StatusCode::NO_CONTENT, StatusCode::RESET_CONTENT, StatusCode::NOT_MODIFIED] {
        let answer = Answer::of((status, Json("stray")));
        let length = (status == StatusCode::RESET_CONTENT).then_some("0");
        assert_eq!((&*answer.body, answer.header("content-length")), ("", length), "{status}");
    }
    let answer = Answer::of(SeeOther::at("/elsewhere"));
    assert_eq!((answer.status(), answer.header("location")), (303, Some("/elsewhere")));
}
