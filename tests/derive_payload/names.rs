//! Names, in serde's rules.

use std::collections::BTreeMap;

use buttress::Payload;
use serde::{Deserialize, Deserializer};

use crate::support::{accepted, refused};

#[derive(Deserialize, Payload)]
#[serde(rename_all(serialize = "UPPERCASE", deserialize = "kebab-case"))]
struct Named {
    #[validate(range(max = 1))]
    two_words: u8,
    #[serde(rename(deserialize = "In", serialize = "Out"))]
    #[validate(range(max = 1))]
    renamed: u8,
    #[serde(alias = "old")]
    #[validate(range(max = 1))]
    new: u8,
    #[serde(skip)]
    #[allow(dead_code)]
    hidden: u8,
    #[serde(default)]
    #[validate(range(max = 1))]
    fine: u8,
    #[validate(range(max = 1))]
    r#type: Option<u8>,
}

#[test]
fn pointers_have_the_names_that_the_client_wrote() {
    assert_eq!(
        refused::<Named>(r#"{"two-words":2,"In":2,"old":2,"fine":2,"type":2}"#),
        [
            "#/In range must be at most 1 max=1",
            "#/fine range must be at most 1 max=1",
            "#/old range must be at most 1 max=1",
            "#/two-words range must be at most 1 max=1",
            "#/type range must be at most 1 max=1",
        ]
    );
    assert_eq!(
        refused::<Named>("{}"),
        ["#/In required is required", "#/new required is required", "#/two-words required is required"]
    );
}

#[derive(Debug, Deserialize, Payload)]
#[payload(deny_unknown)]
struct Whole {
    #[validate(range(max = 1))]
    own: u8,
    #[serde(flatten)]
    part: Part,
}

#[derive(Debug, Deserialize, Payload)]
struct Part {
    #[validate(range(max = 1))]
    inside: u8,
}

#[derive(Debug, Deserialize, Payload)]
struct Open {
    own: u8,
    #[serde(flatten)]
    #[validate(length(max = 1))]
    rest: BTreeMap<String, u8>,
}

#[test]
fn flattened_members_stand_beside_the_others() {
    let whole: Whole = accepted(r#"{"own":1,"inside":1}"#);
    assert_eq!((whole.own, whole.part.inside), (1, 1));
    assert_eq!(
        refused::<Whole>(r#"{"own":2,"inside":2,"other":1}"#),
        [
            "#/inside range must be at most 1 max=1",
            "#/other unknown is not known",
            "#/own range must be at most 1 max=1"
        ]
    );
    let open: Open = accepted(r#"{"own":1,"a":1}"#);
    assert_eq!((open.own, open.rest.len()), (1, 1));
    assert_eq!(refused::<Open>(r#"{"own":1,"a":1,"b":2}"#), ["# length must have at most 1 member max=1"]);
    // serde accepts this input.
    assert_eq!(refused::<Open>(r#"{"own":1,"a":1,"a":2}"#), ["#/a duplicate is given twice"]);
}

fn halved<'de, D: Deserializer<'de>>(input: D) -> Result<u8, D::Error> {
    u8::deserialize(input).map(|number| number / 2)
}

mod doubled {
    use serde::{Deserialize, Deserializer};

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(input: D) -> Result<Option<u8>, D::Error> {
        Option::<u8>::deserialize(input).map(|number| number.map(|number| number * 2))
    }
}

#[derive(Debug, Deserialize, Payload)]
struct Read<T> {
    #[serde(deserialize_with = "halved")]
    #[validate(range(max = 10))]
    half: u8,
    #[serde(with = "doubled")]
    #[validate(range(max = 10))]
    double: Option<u8>,
    other: T,
}

#[test]
fn functions_that_read_are_asked_for_the_value() {
    let read: Read<u8> = accepted(r#"{"half":20,"double":5,"other":1}"#);
    assert_eq!((read.half, read.double, read.other), (10, Some(10), 1));
    assert_eq!(
        refused::<Read<u8>>(r#"{"half":22,"other":"x"}"#),
        ["#/double required is required", "#/half range must be at most 10 max=10", "#/other type must be an integer"]
    );
}

#[derive(Debug, Deserialize, Payload)]
#[serde(transparent)]
struct Small(#[validate(range(max = 10))] u8);

fn small<'de, D: Deserializer<'de>>(input: D) -> Result<Small, D::Error> {
    Small::deserialize(input)
}

#[derive(Debug, Deserialize, Payload)]
struct Nested {
    #[serde(deserialize_with = "small")]
    #[validate(nested)]
    small: Small,
    #[serde(default)]
    other: u8,
}

/// The type that such a function reads does not have to be a payload; `nested` says that it is one.
#[test]
fn functions_that_read_a_payload_keep_its_rules_beside_what_does_not_parse() {
    assert_eq!(accepted::<Nested>(r#"{"small":10}"#).small.0, 10);
    assert_eq!(refused::<Nested>(r#"{"small":11}"#), ["#/small range must be at most 10 max=10"]);
    let both = refused::<Nested>(r#"{"small":11,"other":"x"}"#);
    assert_eq!(both, ["#/other type must be an integer", "#/small range must be at most 10 max=10"]);
}
