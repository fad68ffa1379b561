use buttress::problem::IntoProblem;
use buttress::respond::{IfMatch, IfNoneMatch, Preconditions};
use buttress::{EntityTag, Timestamp};
use http::{HeaderMap, HeaderName, HeaderValue, Request};

fn headers(name: &'static str, lines: &[&str]) -> HeaderMap {
    let name = HeaderName::from_static(name);
    lines.iter().map(|line| (name.clone(), HeaderValue::from_str(line).unwrap())).collect()
}

pub(crate) fn preconditions(method: &str, headers: &[(&str, &str)]) -> Preconditions {
    let request = Request::builder().method(method);
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    Preconditions::from_parts(&request.body(()).unwrap().into_parts().0)
}

fn status(outcome: Result<(), impl IntoProblem>) -> u16 {
    outcome.map_or_else(|error| error.into_problem().status().as_u16(), |()| 200)
}

#[test]
fn lists_are_read_over_lines_spaces_and_empty_elements() {
    let lists: &[&[&str]] = &[
        &["\"7\""],
        &[" \"7\" "],
        &["\"1\" ,\t\"7\""],
        &[",, \"7\",,"],
        &["\"1\"", "\"7\", \"8\""],
        &["\"7\",\"a,b\""],
    ];
    for lines in lists {
        assert!(
            IfMatch::from_headers(&headers("if-match", lines)).unwrap().holds(Some(&EntityTag::version(7))),
            "{lines:?}"
        );
        assert!(
            !IfNoneMatch::from_headers(&headers("if-none-match", lines)).unwrap().holds(Some(&EntityTag::version(7)))
        );
        assert!(
            IfNoneMatch::from_headers(&headers("if-none-match", lines)).unwrap().holds(Some(&EntityTag::version(9)))
        );
    }
}

#[test]
fn what_is_no_list_matches_nothing() {
    let lists: &[&[&str]] = &[
        &["7"],
        &["\"7"],
        &["\"7\" \"8\""],
        &["\"7\";"],
        &["w/\"7\""],
        &["\"7\", 8"],
        &["8, \"7\""],
        &["*, \"7\""],
        &["\"7\", *"],
        &["*", "*"],
        &["*", "\"7\""],
        &["\"7\"", "x"],
        &["**"],
        &[""],
        &[" , "],
    ];
    for lines in lists {
        assert!(
            !IfMatch::from_headers(&headers("if-match", lines)).unwrap().holds(Some(&EntityTag::version(7))),
            "{lines:?}"
        );
        assert!(
            IfNoneMatch::from_headers(&headers("if-none-match", lines)).unwrap().holds(Some(&EntityTag::version(7)))
        );
    }
}

#[test]
fn a_star_means_anything_that_is_there() {
    let tag = EntityTag::version(7);
    let if_match = IfMatch::from_headers(&headers("if-match", &[" * "])).unwrap();
    assert_eq!((if_match.is_any(), if_match.holds(Some(&tag)), if_match.holds(None)), (true, true, false));
    let if_none_match = IfNoneMatch::from_headers(&headers("if-none-match", &["*"])).unwrap();
    assert_eq!((if_none_match.holds(Some(&tag)), if_none_match.holds(None)), (false, true));
    assert!(!IfMatch::from_headers(&headers("if-match", &["\"*\""])).unwrap().is_any());
}

#[test]
fn a_blind_write_is_refused() {
    let tag = EntityTag::version(7);
    let outcome = |headers: &[(&str, &str)]| status(preconditions("PATCH", headers).require(&tag));
    assert_eq!(outcome(&[]), 428);
    assert_eq!(outcome(&[("if-none-match", "\"8\"")]), 428);
    assert_eq!(outcome(&[("if-unmodified-since", "Sun, 06 Nov 1994 08:49:37 GMT")]), 428);
    assert_eq!(outcome(&[("if-match", "\"7\"")]), 200);
    assert_eq!(outcome(&[("if-match", "*")]), 200);
    assert_eq!(outcome(&[("if-match", "\"6\", \"7\"")]), 200);
    assert_eq!(outcome(&[("if-match", "\"6\"")]), 412);
    assert_eq!(outcome(&[("if-match", "W/\"7\"")]), 412);
    assert_eq!(outcome(&[("if-match", "7")]), 412);
    assert_eq!(outcome(&[("if-match", "")]), 412);
    assert_eq!(outcome(&[("if-match", "\"7\""), ("if-none-match", "\"7\"")]), 412);
    let weak = EntityTag::weak("7").unwrap();
    assert_eq!(status(preconditions("PATCH", &[("if-match", "W/\"7\"")]).require(&weak)), 412);
}

#[test]
fn an_optional_condition_is_honoured() {
    let tag = EntityTag::version(7);
    let outcome = |headers: &[(&str, &str)], current| status(preconditions("PUT", headers).check(current));
    assert_eq!((outcome(&[], Some(&tag)), outcome(&[], None)), (200, 200));
    assert_eq!((outcome(&[("if-match", "\"7\"")], Some(&tag)), outcome(&[("if-match", "\"7\"")], None)), (200, 412));
    assert_eq!(outcome(&[("if-match", "*")], None), 412);
    assert_eq!((outcome(&[("if-none-match", "*")], Some(&tag)), outcome(&[("if-none-match", "*")], None)), (412, 200));
    assert_eq!(outcome(&[("if-none-match", "W/\"7\"")], Some(&tag)), 412);
}

#[test]
fn dates_count_only_without_tags_and_only_if_they_are_dates() {
    let tag = EntityTag::version(7);
    let modified: Timestamp = "1994-11-06T08:49:37.900Z".parse().unwrap();
    let outcome = |headers: &[(&str, &str)]| status(preconditions("PUT", headers).check_dated(Some(&tag), modified));
    let since = "if-unmodified-since";
    assert_eq!(outcome(&[(since, "Sun, 06 Nov 1994 08:49:37 GMT")]), 200);
    assert_eq!(outcome(&[(since, "Sunday, 06-Nov-94 08:49:36 GMT")]), 412);
    assert_eq!(outcome(&[(since, "Sun Nov  6 08:49:36 1994")]), 412);
    assert_eq!(outcome(&[(since, "Sun, 06 Nov 1994 08:49:36 GMT"), ("if-match", "\"7\"")]), 200);
    assert_eq!(outcome(&[(since, "Sun, 06 Nov 1994 08:49:36 +0000")]), 200);
    assert_eq!(outcome(&[(since, "1994-11-06T08:49:36Z")]), 200);
    assert_eq!(outcome(&[(since, "Sun, 06 Nov 1994 08:49:36 GMT"), (since, "Sun, 06 Nov 1994 08:49:36 GMT")]), 200);
    // The date condition of a read does not stop a write.
    assert_eq!(outcome(&[("if-modified-since", "Sun, 06 Nov 1994 08:49:37 GMT")]), 200);
}
