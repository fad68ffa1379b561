//! One source of rules: a value that parsed reports the same violations as the walk reports for the same value beside
//! one that does not parse.

use buttress::Payload;
use proptest::prelude::*;
use serde::Deserialize;

use crate::support::refused;

#[derive(Debug, Deserialize, Payload)]
struct Beside<T> {
    whole: Option<u8>,
    part: T,
}

#[derive(Debug, Deserialize, Payload)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[payload(trim)]
struct Order {
    #[validate(length(min = 1, max = 3), contains(pattern = "a"))]
    first_name: String,
    #[validate(length(max = 2))]
    lines: Vec<Line>,
    #[validate(length(min = 2), required)]
    #[payload(lowercase)]
    note: Option<String>,
    kind: Kind,
    size: Size,
    weight: Weight,
}

#[derive(Debug, Deserialize, Payload)]
struct Line {
    #[validate(range(min = 2, max = 5))]
    quantity: u8,
    #[validate(must_match(other = quantity))]
    again: u8,
}

#[derive(Debug, Deserialize, Payload)]
#[serde(tag = "kind", rename_all = "lowercase")]
enum Kind {
    Plain,
    Counted {
        #[validate(range(max = 3))]
        count: u8,
    },
    Lined(Line),
}

#[derive(Debug, Deserialize, Payload)]
enum Size {
    Named(
        #[validate(length(max = 1))]
        #[payload(trim)]
        String,
    ),
    Measured(#[validate(range(max = 3))] u8, #[validate(range(min = 3))] u8),
}

#[derive(Debug, Deserialize, Payload)]
#[serde(tag = "unit", content = "of")]
enum Weight {
    Grams(#[validate(range(max = 3))] u8),
    Bags(Bags),
}

#[derive(Debug, Deserialize, Payload)]
#[serde(untagged)]
enum Bags {
    Number(#[validate(range(max = 3))] u8),
    Each {
        #[validate(length(max = 1))]
        bags: Vec<u8>,
    },
}

fn text() -> impl Strategy<Value = String> {
    "[ aB\u{e9}]{0,5}|\u{0}".prop_map(|text| serde_json::Value::from(text).to_string())
}

fn line() -> impl Strategy<Value = String> {
    (0..7_u8, 0..7_u8).prop_map(|(quantity, again)| format!(r#"{{"quantity":{quantity},"again":{again}}}"#))
}

fn kind() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(r#"{"kind":"plain"}"#.to_owned()),
        (0..6_u8).prop_map(|count| format!(r#"{{"kind":"counted","count":{count}}}"#)),
        line().prop_map(|line| line.replace('{', r#"{"kind":"lined","#)),
    ]
}

fn size() -> impl Strategy<Value = String> {
    prop_oneof![
        text().prop_map(|text| format!(r#"{{"Named":{text}}}"#)),
        (0..6_u8, 0..6_u8).prop_map(|(a, b)| format!(r#"{{"Measured":[{a},{b}]}}"#)),
    ]
}

fn weight() -> impl Strategy<Value = String> {
    prop_oneof![
        (0..6_u8).prop_map(|grams| format!(r#"{{"unit":"Grams","of":{grams}}}"#)),
        (0..6_u8).prop_map(|bags| format!(r#"{{"of":{bags},"unit":"Bags"}}"#)),
        (0..3_usize).prop_map(|bags| format!(r#"{{"unit":"Bags","of":{{"bags":{:?}}}}}"#, vec![0; bags])),
    ]
}

fn order() -> impl Strategy<Value = String> {
    let note = prop_oneof![Just("null".to_owned()), text()];
    let lines = proptest::collection::vec(line(), 0..4).prop_map(|lines| lines.join(","));
    (text(), lines, note, kind(), size(), weight()).prop_map(|(name, lines, note, kind, size, weight)| {
        format!(
            r#"{{"firstName":{name},"lines":[{lines}],"note":{note},"kind":{kind},"size":{size},"weight":{weight}}}"#
        )
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn both_ways_find_the_same(order in order()) {
        let parsed = refused::<Beside<Order>>(&format!(r#"{{"part":{order}}}"#));
        let mut walked = refused::<Beside<Order>>(&format!(r#"{{"whole":"x","part":{order}}}"#));
        let last = walked.pop().unwrap_or_default();
        prop_assert_eq!(last, "#/whole type must be an integer");
        prop_assert_eq!(walked, parsed);
    }
}
