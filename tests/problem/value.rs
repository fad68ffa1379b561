//! The `Problem` value itself.

use std::collections::BTreeMap;
use std::error::Error;
use std::time::Duration;

use buttress::Problem;
use buttress::problem::{Challenge, ErrorStatus, ProblemType, catalogue};
use buttress::violation::{At, JsonPointer, Location, Violation, Violations};
use serde::{Serialize, Serializer};

use crate::parse;

#[test]
fn it_is_one_pointer() {
    assert_eq!(size_of::<Problem>(), size_of::<usize>());
    assert_eq!(size_of::<Result<(), Problem>>(), size_of::<usize>());
    fn crosses_threads<T: Send + Sync + Clone + 'static>() {}
    crosses_threads::<Problem>();
}

#[test]
fn display_says_this_level_only() {
    let problem = Problem::internal(std::io::Error::other("down")).with_detail("the database");
    assert_eq!(problem.to_string(), "internal (500)");
    assert_eq!(problem.source().unwrap().to_string(), "down");
    let debug = format!("{problem:?}");
    assert!(debug.contains("internal") && debug.contains("the database") && debug.contains("down"), "{debug}");
}

#[test]
fn a_clone_that_is_changed_leaves_the_first_alone() {
    let first = Problem::new(ErrorStatus::CONFLICT, "conflict", "Conflict");
    let before = first.render();
    let second = first.clone().with_detail("more");
    assert_eq!(first.render(), before);
    assert_eq!(parse(&second.render())["detail"], "more");
    // And a later change does not show the earlier rendering.
    assert_eq!(parse(&second.with_detail("again").render())["detail"], "again");
}

struct Unserialisable;

impl Serialize for Unserialisable {
    fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        Err(serde::ser::Error::custom("no"))
    }
}

#[test]
fn a_member_that_cannot_be_written_is_left_out() {
    let problem = Problem::not_found()
        .with_member("broken", Unserialisable)
        .with_member("keys", BTreeMap::from([((1, 2), 3)]))
        .with_member("status", 200)
        .with_member("left", 3)
        .with_member("left", 4);
    assert_eq!(
        problem.render(),
        r#"{"title":"Not found","status":404,"code":"not-found","left":4}"#,
        "and a name comes once"
    );
}

#[test]
fn a_member_with_any_name_is_still_json() {
    let document = parse(&Problem::not_found().with_member("a\"b\\\n", 1).render());
    assert_eq!(document["a\"b\\\n"], 1);
}

#[test]
fn violations_are_sorted_as_a_reader_counts() {
    let body = At::body();
    let lines = body.member("lines");
    let found: Violations = [10, 2, 1, 100]
        .map(|i| Violation::at(&lines.index(i).member("sku"), "type", "must be a string"))
        .into_iter()
        .chain([Violation::at(&lines, "length", "too long"), Violation::at(&body, "type", "wrong")])
        .collect();
    let problem = Problem::invalid_input(found);
    let order: Vec<&str> = problem.violations().iter().map(|violation| violation.location().as_str()).collect();
    assert_eq!(order, ["#", "#/lines", "#/lines/1/sku", "#/lines/2/sku", "#/lines/10/sku", "#/lines/100/sku"]);
}

#[test]
fn what_is_said_twice_is_listed_once() {
    let violation = Violation::at(&At::body(), "type", "must be an object");
    let found = Violations::from_iter([violation.clone(), violation.clone()]);
    let problem = Problem::invalid_input(found);
    assert_eq!((problem.violations().iter().len(), problem.detail()), (1, Some("1 field is not acceptable")));

    let between = violation.clone().with_message("must not be a list");
    let found = Violations::from_iter([violation.clone(), between, violation]);
    assert_eq!(Problem::invalid_input(found).violations().iter().len(), 2);
}

#[test]
fn any_duration_is_a_retry_after() {
    for (delay, seconds) in [
        (Duration::ZERO, "0"),
        (Duration::from_nanos(1), "1"),
        (Duration::from_millis(1_500), "2"),
        (Duration::MAX, "18446744073709551615"),
    ] {
        let problem = Problem::of(catalogue::UNAVAILABLE).with_retry_after(delay);
        assert_eq!(problem.headers()["retry-after"], seconds);
    }
}

/// A hundred pointers of 127 names of 128 characters each would be megabytes, from a request of kilobytes.
#[test]
fn violations_below_long_names_make_no_long_answer() {
    let name = "\"".repeat(128);
    let mut pointer = JsonPointer::root();
    (0..30).for_each(|_| pointer.push(&name));
    let mut found = Violations::new();
    for i in 0..1_000 {
        let mut place = pointer.clone();
        place.push_index(i);
        found.push(Violation::new(Location::Pointer(place), "type", "must be a number"));
    }
    assert_eq!((found.total(), found.is_full()), (1_000, true));
    let problem = Problem::invalid_input(found);
    assert!((2..100).contains(&problem.violations().iter().len()));
    assert!(problem.render().len() < 70 * 1024, "{}", problem.render().len());

    let mut both = Violations::from(Violation::at(&At::parameters().member("limit"), "type", "must be a number"));
    both.append(problem.violations().clone());
    assert_eq!(both.total(), 1_001);
    assert!(both.iter().len() > 1, "what there is room for is taken over");

    (0..100).for_each(|_| pointer.push(&name));
    let alone = Violations::from(Violation::new(Location::Pointer(pointer), "type", "must be a number"));
    assert_eq!(alone.iter().len(), 1, "one is always told");
}

#[test]
fn another_type_brings_and_takes_the_header_that_its_status_demands() {
    let challenged = Problem::unauthorized(&Challenge::new("Tenant")).with_detail("kept");
    let refused = challenged.clone().with_status(ErrorStatus::FORBIDDEN);
    assert_eq!((refused.status().as_u16(), refused.code(), refused.detail()), (403, "unauthorized", Some("kept")));
    assert!(refused.headers().is_empty());
    let again = refused.with_kind(catalogue::UNAUTHORIZED);
    assert_eq!(again.headers()["www-authenticate"], "Bearer");
    let same = challenged.with_kind(ProblemType::unauthorized("token-expired", "Token expired", "Bearer"));
    assert_eq!((same.code(), &same.headers()["www-authenticate"]), ("token-expired", &"Tenant".parse().unwrap()));

    let invalid = Problem::of(catalogue::TOO_MANY_REQUESTS).with_retry_after(Duration::from_secs(7));
    let invalid = invalid.with_status(ErrorStatus::SERVICE_UNAVAILABLE);
    assert_eq!(invalid.headers()["retry-after"], "7");
}

#[test]
fn headers_do_not_grow_with_what_a_client_sends() {
    let long = "x".repeat(60_000);
    let hint = http::HeaderValue::from_str(&long).unwrap();
    assert!(Problem::not_found().with_header(http::HeaderName::from_static("x-hint"), hint).headers().is_empty());
    let challenge = Challenge::bearer().param("error_description", &long).param("scope", "a");
    let text = challenge.to_string();
    assert!(text.len() < 1_200 && text.ends_with("x\", scope=\"a\""), "{}", text.len());
}
