use buttress::handler::{IntoResponse, service};
use buttress::problem::{Catalogue, ErrorStatus, IntoProblem, ProblemType};
use buttress::respond::{NoContent, Preconditions, Versioned};
use buttress::{EntityTag, Json, Problem};
use http::{HeaderMap, HeaderName, HeaderValue, Request, StatusCode};
use tower::ServiceExt;

use crate::Answer;
use crate::precondition::preconditions;

fn read(method: &str, headers: &[(&str, &str)]) -> Answer {
    let answer = Versioned::new(EntityTag::version(7), Json("x"))
        .last_modified("1994-11-06T08:49:37.900Z".parse().unwrap())
        .preconditions(preconditions(method, headers));
    Answer::of(answer)
}

#[test]
fn a_plain_read_has_its_validators() {
    let answer = read("GET", &[]);
    assert_eq!((answer.status(), answer.header("etag"), &*answer.body), (200, Some("\"7\""), "\"x\""));
    assert_eq!(answer.header("last-modified"), Some("Sun, 06 Nov 1994 08:49:37 GMT"));
}

#[test]
fn a_state_that_the_client_has_is_not_sent_again() {
    for method in ["GET", "HEAD", "QUERY"] {
        for tags in ["\"7\"", "W/\"7\"", "\"1\", W/\"7\"", "*"] {
            let answer = read(method, &[("if-none-match", tags)]);
            assert_eq!(
                (answer.status(), answer.header("etag"), &*answer.body),
                (304, Some("\"7\""), ""),
                "{method} {tags}"
            );
            assert_eq!((answer.header("content-type"), answer.header("last-modified")), (None, None));
        }
    }
    for tags in ["\"8\"", "7", "W/7", ""] {
        assert_eq!(read("GET", &[("if-none-match", tags)]).status(), 200);
    }
}

#[test]
fn dates_decide_where_there_is_no_tag() {
    let same = "Sun, 06 Nov 1994 08:49:37 GMT";
    assert_eq!(read("GET", &[("if-modified-since", same)]).status(), 304);
    assert_eq!(read("GET", &[("if-modified-since", "Sun, 06 Nov 1994 08:49:36 GMT")]).status(), 200);
    assert_eq!(read("GET", &[("if-modified-since", "yesterday")]).status(), 200);
    assert_eq!(read("GET", &[("if-modified-since", same), ("if-none-match", "\"8\"")]).status(), 200);
}

#[test]
fn the_order_is_that_of_the_rfc() {
    assert_eq!(read("GET", &[("if-match", "\"6\""), ("if-none-match", "\"7\"")]).status(), 412);
    assert_eq!(read("GET", &[("if-match", "\"7\""), ("if-none-match", "\"7\"")]).status(), 304);
    assert_eq!(read("GET", &[("if-unmodified-since", "Sun, 06 Nov 1994 08:49:36 GMT")]).status(), 412);
    let refused = read("GET", &[("if-match", "\"6\"")]);
    assert_eq!(refused.header("content-type"), Some("application/problem+json"));
    assert_eq!(refused.header("etag"), None);
}

#[test]
fn after_a_write_conditions_are_too_late() {
    for method in ["POST", "PUT", "PATCH", "DELETE"] {
        let answer = read(method, &[("if-none-match", "\"7\""), ("if-match", "\"1\"")]);
        assert_eq!((answer.status(), answer.header("etag")), (200, Some("\"7\"")));
    }
    let answer = Answer::of(Versioned::new(EntityTag::version(7), NoContent));
    assert_eq!((answer.status(), answer.header("etag")), (204, Some("\"7\"")));
}

#[test]
fn a_304_repeats_what_caches_need_and_drops_what_describes_the_content() {
    let kept = ["cache-control", "content-location", "date", "expires", "vary", "set-cookie", "x-own"];
    let dropped = ["content-encoding", "content-language", "content-length", "content-disposition", "content-range"];
    let all = kept.iter().chain(&dropped).map(|name| (HeaderName::from_static(name), HeaderValue::from_static("1")));
    let inner = (all.collect::<HeaderMap>(), Json(1));
    let seen = preconditions("GET", &[("if-none-match", "*")]);
    let answer = Answer::of(Versioned::new(EntityTag::version(7), inner).preconditions(seen));
    assert_eq!(answer.status(), 304);
    kept.iter().for_each(|name| assert_eq!(answer.header(name), Some("1"), "{name}"));
    dropped.iter().for_each(|name| assert_eq!(answer.header(name), None, "{name}"));
}

#[test]
fn only_a_success_is_conditional() {
    for status in [StatusCode::FOUND, StatusCode::NOT_FOUND, StatusCode::INTERNAL_SERVER_ERROR] {
        let seen = preconditions("GET", &[("if-none-match", "*"), ("if-match", "\"0\"")]);
        let answer = Answer::of(Versioned::new(EntityTag::version(7), status).preconditions(seen));
        assert_eq!((answer.head.status, answer.header("etag")), (status, None));
    }
}

#[test]
fn a_future_date_of_modification_is_not_sent() {
    for (given, sent) in
        [("9999-12-31T23:59:59.999Z", false), ("1900-01-01T00:00:00Z", true), ("0000-01-01T00:00:00Z", true)]
    {
        let answer = Versioned::new(EntityTag::version(7), Json(1)).last_modified(given.parse().unwrap());
        let answer = Answer::of(answer);
        assert_eq!(answer.header("last-modified") == Some("Thu, 01 Jan 1970 00:00:00 GMT"), sent, "{given}");
        assert!(!answer.header("last-modified").unwrap().contains("9999"));
    }
}

#[derive(Debug)]
struct Gone;

impl IntoProblem for Gone {
    const CATALOGUE: Catalogue = Catalogue::new(&[], &[]);

    fn into_problem(self) -> Problem {
        Problem::of(ProblemType::new(ErrorStatus::GONE, "order-gone", "The order is gone"))
    }
}

#[tokio::test]
async fn it_works_in_a_handler_that_can_fail() {
    async fn show(preconditions: Preconditions) -> Result<Versioned<Json<u8>>, Gone> {
        Ok(Versioned::new(EntityTag::version(7), Json(1)).preconditions(preconditions))
    }
    async fn gone(_: Preconditions) -> Result<Versioned<Json<u8>>, Gone> {
        Err(Gone)
    }
    let request = || Request::builder().header("if-none-match", "\"7\"").body(String::new()).unwrap();
    assert_eq!(service(show, ()).oneshot(request()).await.unwrap().status(), 304);
    assert_eq!(service(gone, ()).oneshot(request()).await.unwrap().status(), 410);
    let result: Result<Versioned<Json<u8>>, Problem> = Err(Problem::not_found());
    assert_eq!(result.into_response().status(), 404);
}
