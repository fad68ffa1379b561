//! A number that is not finite has no JSON, and never leaves as `null`.

use std::collections::BTreeMap;

use buttress::page::{CursorKeys, Page};
use buttress::respond::{Accepted, Created};
use buttress::violation::{At, Violation, Violations};
use buttress::{Json, Problem};
use serde::Serialize;

use crate::{Answer, assert_masked};

#[derive(Clone, Serialize)]
struct Measure {
    value: f64,
    note: Option<String>,
}

#[test]
fn a_number_that_is_not_finite_is_a_masked_500() {
    for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let measure = || Measure { value, note: None };
        assert_masked(&Answer::of(Json(measure())));
        assert_masked(&Answer::of(Json(vec![Some(measure())])));
        assert_masked(&Answer::of(Json(BTreeMap::from([("a", [0.0, value])]))));
        assert_masked(&Answer::of(Created::at("/measures/1", Json(measure()))));
        assert_masked(&Answer::of(Accepted::new(Json(measure()))));
        assert_masked(&Answer::of(Page::new(vec![measure()], None)));
    }
    assert_masked(&Answer::of(Json(f32::NAN)));
    let answer = Answer::of(Json(Measure { value: 1.5, note: None }));
    assert_eq!((answer.status(), answer.body.as_str()), (200, r#"{"value":1.5,"note":null}"#));
}

#[test]
fn no_cursor_is_made_of_one() {
    let keys = CursorKeys::random().unwrap();
    let cursor = keys.cursor::<f64>("measures", &()).unwrap();
    assert_eq!(Problem::from(cursor.encode(&f64::NAN).unwrap_err()).status(), 500);
    assert!(cursor.encode(&1.5).is_ok());
}

#[test]
fn a_problem_leaves_it_out() {
    let found =
        Violation::at(&At::body(), "range", "is too much").with_param("max", f64::INFINITY).with_param("min", 1.5);
    let problem = Problem::invalid_input(Violations::from(found)).with_member("mean", f64::NAN).with_member("sum", 2.5);
    let body = String::from_utf8(problem.render().to_vec()).unwrap();
    assert!(!body.contains("null") && !body.contains("mean") && body.contains(r#""params":{"min":1.5}"#), "{body}");
    assert!(body.contains(r#""sum":2.5"#), "{body}");
}
