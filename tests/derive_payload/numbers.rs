//! Numbers that their type cannot hold, and types whose numbers serde's buffer cannot hold.

use std::collections::BTreeMap;

use buttress::Payload;
use buttress::payload::{ValidationContext, read_form, read_json, read_patch, read_query};
use buttress::problem::IntoProblem as _;
use serde::{Deserialize, Serialize};

use crate::support::{accepted, refused};

const TOO_LARGE: &str = "type must be a number that is not so large";

#[derive(Debug, Deserialize, Serialize, Payload)]
struct Reading {
    small: f32,
    #[serde(default)]
    large: f64,
}

#[derive(Debug, Deserialize, Serialize, Payload)]
struct Flat {
    #[serde(flatten)]
    reading: Reading,
}

#[derive(Debug, Deserialize, Serialize, Payload)]
#[serde(untagged)]
enum Either {
    Reading(Reading),
    Number(f32),
}

#[derive(Debug, Deserialize, Serialize, Payload)]
#[serde(tag = "kind")]
enum Tagged {
    Reading { small: f32 },
}

#[derive(Debug, Deserialize, Payload)]
struct Leaf {
    #[payload(leaf)]
    small: (f32, Option<f32>),
}

#[test]
fn a_number_is_finite_in_the_type_that_was_asked_for() {
    let at = |place: &str| [format!("{place} {TOO_LARGE}")];
    for number in ["1e39", "-3.5e38", "1e300"] {
        assert_eq!(refused::<f32>(number), at("#"));
        assert_eq!(refused::<Reading>(&format!(r#"{{"small":{number}}}"#)), at("#/small"));
        assert_eq!(refused::<Flat>(&format!(r#"{{"small":{number}}}"#)), at("#/small"));
        assert_eq!(refused::<Either>(&format!(r#"{{"small":{number}}}"#)), at("#/small"));
        assert_eq!(refused::<Either>(number), at("#"));
        assert_eq!(refused::<Tagged>(&format!(r#"{{"kind":"Reading","small":{number}}}"#)), at("#/small"));
        assert_eq!(refused::<Vec<Option<f32>>>(&format!("[1,null,{number}]")), at("#/2"));
        assert_eq!(refused::<BTreeMap<String, f32>>(&format!(r#"{{"a":{number}}}"#)), at("#/a"));
        assert_eq!(refused::<Leaf>(&format!(r#"{{"small":[1,{number}]}}"#)), at("#/small/1"));
        for refusal in [
            read_query::<Reading>(&format!("small={number}"), ValidationContext::new()).unwrap_err(),
            read_form::<Reading>(format!("small={number}").as_bytes(), ValidationContext::new()).unwrap_err(),
            read_query::<Flat>(&format!("small={number}"), ValidationContext::new()).unwrap_err(),
            read_patch::<Reading>(format!(r#"{{"small":{number}}}"#).as_bytes(), ValidationContext::new()).unwrap_err(),
        ] {
            assert_eq!(refusal.status(), 422);
            assert!(refusal.violations().iter().all(|found| found.location().as_str().ends_with("small")));
        }
    }
    assert_eq!(refused::<Reading>(r#"{"small":1,"large":1e999}"#), at("#/large"));
    assert_eq!(refused::<Reading>(r#"{"small":1e999}"#), at("#/small"));
    let reading: Reading = accepted(r#"{"small":3.4e38,"large":1e308}"#);
    assert_eq!((reading.small, reading.large), (3.4e38, 1e308));
}

#[test]
fn a_value_that_is_not_finite_is_not_patched_as_null() {
    let patch = read_patch::<Reading>(br#"{"small":1}"#, ValidationContext::new()).unwrap();
    let current = Reading { small: 1.0, large: f64::NAN };
    let problem = patch.apply::<Reading>(&current, ValidationContext::new()).unwrap_err().into_problem();
    assert_eq!(problem.status(), 500);
}

#[derive(Debug, Deserialize, Serialize, Payload)]
struct Beside {
    wide: u128,
    #[payload(leaf)]
    by_number: BTreeMap<u32, i128>,
    #[serde(flatten)]
    rest: BTreeMap<String, String>,
}

#[derive(Debug, Deserialize, Serialize, Payload, PartialEq)]
#[serde(tag = "kind", content = "of")]
enum Adjacent {
    Wide { wide: u128 },
    Keys(#[payload(leaf)] BTreeMap<u32, u8>),
}

#[test]
fn what_stands_beside_what_is_flattened_may_be_wide() {
    let body = r#"{"wide":340282366920938463463374607431768211455,"by_number":{"7":-170141183460469231731687303715884105728},"a":"b"}"#;
    let beside: Beside = accepted(body);
    assert_eq!((beside.wide, beside.by_number[&7], beside.rest["a"].as_str()), (u128::MAX, i128::MIN, "b"));
    let patch = read_patch::<Beside>(br#"{"by_number":{"7":null,"8":1},"a":null}"#, ValidationContext::new()).unwrap();
    let after: Beside = patch.apply(&beside, ValidationContext::new()).unwrap();
    assert_eq!((after.wide, after.by_number, after.rest.len()), (u128::MAX, BTreeMap::from([(8, 1)]), 0));
    assert_eq!(
        refused::<Beside>(r#"{"wide":-1,"by_number":{"x":1,"7":"y"}}"#),
        [
            "#/by_number/7 type must be an integer",
            "#/by_number/x type has a name that must be an integer",
            "#/wide type must be an integer",
        ]
    );
}

#[test]
fn a_content_may_stand_before_its_tag() {
    let wide = Adjacent::Wide { wide: u128::MAX };
    assert_eq!(accepted::<Adjacent>(&format!(r#"{{"of":{{"wide":{}}},"kind":"Wide"}}"#, u128::MAX)), wide);
    assert_eq!(accepted::<Adjacent>(&format!(r#"{{"kind":"Wide","of":{{"wide":{}}}}}"#, u128::MAX)), wide);
    let keys = Adjacent::Keys(BTreeMap::from([(7, 1)]));
    assert_eq!(accepted::<Adjacent>(r#"{"of":{"7":1},"kind":"Keys"}"#), keys);
}

/// A type whose 128-bit member is not visible where it is flattened.
#[derive(Debug, Deserialize, Payload)]
struct Wide {
    wide: u128,
}

#[derive(Debug, Deserialize, Payload)]
struct Around {
    #[serde(flatten)]
    wide: Wide,
}

#[test]
fn what_serde_cannot_read_at_all_is_not_blamed_on_a_client() {
    for body in [r#"{"wide":340282366920938463463374607431768211455}"#, r#"{"wide":1}"#] {
        let problem = read_json::<Around>(body.as_bytes(), ValidationContext::new()).err().unwrap();
        assert_eq!(problem.status(), 500);
        let cause = std::error::Error::source(&problem).unwrap().to_string();
        assert!(cause.contains("128 bits"), "{cause}");
    }
    assert_eq!(read_query::<Around>("wide=1", ValidationContext::new()).err().unwrap().status(), 500);
    assert_eq!(refused::<Around>(r#"{"wide":"x"}"#), ["#/wide type must be an integer"]);
}

#[derive(Debug, Deserialize, Payload, PartialEq)]
#[serde(untagged)]
enum Amount {
    Number(u64),
    Flag { flag: bool },
}

#[derive(Debug, Deserialize, Payload)]
struct Search {
    amount: Option<Amount>,
    #[serde(default)]
    list: Vec<Amount>,
}

#[derive(Debug, Deserialize, Payload, PartialEq)]
#[serde(untagged)]
enum Range {
    Named { from: String, named: bool },
    Numbers { from: u8, to: u8 },
}

#[derive(Debug, Deserialize, Payload)]
struct Ranged {
    limit: u8,
    #[serde(flatten)]
    range: Range,
}

#[derive(Debug, Deserialize, Payload, PartialEq)]
#[serde(tag = "kind")]
enum Kind {
    Text { value: String },
    Number { value: u64 },
}

#[test]
fn untagged_numbers_are_read_from_text() {
    let read = read_query::<Search>("amount=5&list=6&list=7", ValidationContext::new()).unwrap();
    assert_eq!((read.amount, read.list), (Some(Amount::Number(5)), vec![Amount::Number(6), Amount::Number(7)]));
    assert_eq!(read_query::<Search>("amount=x", ValidationContext::new()).unwrap_err().status(), 422);
    let ranged = read_query::<Ranged>("limit=1&from=2&to=3", ValidationContext::new()).unwrap();
    assert_eq!((ranged.limit, ranged.range), (1, Range::Numbers { from: 2, to: 3 }));
    let ranged = read_form::<Ranged>(b"limit=1&from=2&named=true", ValidationContext::new()).unwrap();
    assert_eq!(ranged.range, Range::Named { from: "2".into(), named: true });
    assert_eq!(
        read_query::<Range>("from=2&to=3", ValidationContext::new()).unwrap(),
        Range::Numbers { from: 2, to: 3 }
    );
    let kind = |query| read_query::<Kind>(query, ValidationContext::new()).unwrap();
    assert_eq!(kind("kind=Text&value=5"), Kind::Text { value: "5".into() });
    assert_eq!(kind("kind=Number&value=5"), Kind::Number { value: 5 });
}

#[derive(Debug, Deserialize, Serialize, Payload)]
struct Payment {
    note: Option<String>,
    #[serde(flatten)]
    method: Method,
}

#[derive(Debug, Deserialize, Serialize, Payload, PartialEq)]
#[serde(tag = "kind", rename_all = "lowercase")]
enum Method {
    Card { digits: String },
    Cash { amount: u64 },
}

#[test]
fn a_patch_need_not_mention_the_variant() {
    let current = Payment { note: None, method: Method::Cash { amount: 1 } };
    let patched = |patch: &str| -> Result<Payment, buttress::Problem> {
        Ok(read_patch::<Payment>(patch.as_bytes(), ValidationContext::new())?
            .apply(&current, ValidationContext::new())?)
    };
    assert_eq!(patched(r#"{"note":"x"}"#).unwrap().note.as_deref(), Some("x"));
    assert_eq!(patched(r#"{"amount":2}"#).unwrap().method, Method::Cash { amount: 2 });
    let card = patched(r#"{"kind":"card","digits":"1","amount":null}"#).unwrap();
    assert_eq!(card.method, Method::Card { digits: "1".into() });
    assert_eq!(patched(r#"{"amount":"x"}"#).unwrap_err().status(), 422);
}

#[derive(Debug, Deserialize, Serialize, Payload)]
struct Stock {
    name: String,
    #[validate(range(max = 10))]
    count: u32,
    #[validate(range(max = 10))]
    other: u32,
}

#[test]
fn a_patch_is_not_refused_for_what_it_does_not_mention() {
    let current = Stock { name: "a".into(), count: 11, other: 11 };
    let patched = |patch: &str| -> Result<Stock, buttress::Problem> {
        Ok(read_patch::<Stock>(patch.as_bytes(), ValidationContext::new())?
            .apply(&current, ValidationContext::new())?)
    };
    let named = patched(r#"{"name":"b"}"#).unwrap();
    assert_eq!((named.name.as_str(), named.count), ("b", 11));
    assert_eq!(patched(r#"{"count":10}"#).unwrap().count, 10);
    let found = patched(r#"{"count":12}"#).unwrap_err();
    let places: Vec<_> = found.violations().iter().map(|found| found.location().as_str()).collect();
    assert_eq!(places, ["#/count"]);
}
