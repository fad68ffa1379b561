//! Custom rules of the user.

use buttress::Payload;
use buttress::payload::rule::ValidationError;
use buttress::payload::{ValidationContext, read_json};
use buttress::violation::{InputPath, Violation};
use serde::Deserialize;

use crate::support::{accepted, refused, refused_with};

/// Has the same name as a variable of the derive, on purpose.
fn check(name: &str) -> Result<(), ValidationError> {
    let mut error = ValidationError::new("not-taken").with_message("is taken".into());
    error.add_param("value".into(), &name);
    error.add_param("reserved".into(), &["root"]);
    if name == "root" { Err(error) } else { Ok(()) }
}

fn even(number: &u8, at: &InputPath<'_>, check: &mut ValidationContext<'_>) {
    if number % 2 == 1 {
        check.push(Violation::at(at, "even", "must be even"));
    }
}

#[derive(Clone)]
struct Closed(Vec<String>);

fn open(name: &String, closed: &Closed) -> Result<(), ValidationError> {
    if closed.0.contains(name) { Err(ValidationError::new("closed")) } else { Ok(()) }
}

#[derive(Deserialize, Payload)]
#[validate(context = Closed)]
struct Account {
    #[validate(custom(function = check), custom(function = "open", use_context, message = "is closed"))]
    name: String,
    #[validate(custom(function = check, code = "nick"))]
    nick: Option<String>,
    #[payload(custom = even)]
    age: Option<u8>,
}

fn closed() -> http::Extensions {
    let mut context = http::Extensions::new();
    context.insert(Closed(vec!["shut".to_owned()]));
    context
}

#[test]
fn functions_say_what_is_wrong_and_values_stay_out() {
    let context = closed();
    let found = |json| refused_with::<Account>(json, ValidationContext::with_extensions(&context));
    assert_eq!(found(r#"{"name":"ann","age":2}"#), [""; 0]);
    assert_eq!(
        found(r#"{"name":"root","nick":"root","age":3}"#),
        [
            "#/age even must be even",
            "#/name not-taken is taken reserved=[\"root\"]",
            "#/nick nick is taken reserved=[\"root\"]"
        ]
    );
    assert_eq!(found(r#"{"name":"shut","age":"x"}"#), ["#/age type must be an integer", "#/name closed is closed"]);
}

#[test]
fn a_missing_context_never_passes() {
    let problem = read_json::<Account>(br#"{"name":"ann"}"#, ValidationContext::new()).err().unwrap();
    assert_eq!(problem.status(), 500);
}

fn ordered(span: &Span) -> Result<(), ValidationError> {
    if span.from > span.to { Err(ValidationError::new("order")) } else { Ok(()) }
}

fn short(span: &Span, at: &InputPath<'_>, check: &mut ValidationContext<'_>) {
    if span.to - span.from > 100 {
        check.push(Violation::at(&at.member("to"), "short", "is too far away"));
    }
}

#[derive(Deserialize, Payload)]
#[validate(schema(function = ordered, message = "must not end before it starts"))]
#[payload(custom = short)]
struct Span {
    #[validate(range(max = 1000))]
    from: i32,
    to: i32,
}

#[test]
fn the_whole_has_rules() {
    let _: Span = accepted(r#"{"from":1,"to":2}"#);
    assert_eq!(refused::<Span>(r#"{"from":3,"to":2}"#), ["# order must not end before it starts"]);
    assert_eq!(refused::<Span>(r#"{"from":0,"to":200}"#), ["#/to short is too far away"]);
    // This rule does not run if a member is wrong already.
    assert_eq!(refused::<Span>(r#"{"from":1001,"to":2}"#), ["#/from range must be at most 1000 max=1000"]);
    assert_eq!(refused::<Span>(r#"{"from":3}"#), ["#/to required is required"]);
}

#[derive(Deserialize, Payload)]
struct Trip {
    day: u8,
    span: Span,
}

#[test]
fn the_whole_is_asked_where_only_something_else_does_not_parse() {
    assert_eq!(
        refused::<Trip>(r#"{"day":"x","span":{"from":3,"to":2}}"#),
        ["#/day type must be an integer", "#/span order must not end before it starts"]
    );
    assert_eq!(
        refused::<Trip>(r#"{"day":"x","span":{"from":1001,"to":2}}"#),
        ["#/day type must be an integer", "#/span/from range must be at most 1000 max=1000"]
    );
}
