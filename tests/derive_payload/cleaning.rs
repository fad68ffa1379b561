//! The steps of `#[payload(…)]`.

use buttress::Payload;
use serde::Deserialize;

use crate::support::{accepted, refused};

#[derive(Debug, PartialEq, Deserialize, Payload)]
#[payload(trim, nfc)]
struct Profile {
    #[payload(lowercase)]
    #[validate(length(max = 3))]
    name: String,
    #[payload(uppercase)]
    tags: Vec<String>,
    #[payload(strip_control)]
    note: Option<String>,
    #[payload(leaf)]
    raw: String,
    age: u8,
    inner: Option<Inner>,
}

#[derive(Debug, PartialEq, Deserialize, Payload)]
struct Inner {
    #[payload(trim)]
    text: String,
    untouched: String,
}

#[test]
fn texts_are_cleaned_before_they_are_checked() {
    let profile: Profile = accepted(
        r#"{"name":"  ABC ","tags":[" a ","e\u0301"],"note":" a\u0000b\r\nc ","raw":" \u0000","age":1,
            "inner":{"text":" x ","untouched":" y "}}"#,
    );
    let inner = Inner { text: "x".into(), untouched: " y ".into() };
    let (tags, note) = (vec!["A".into(), "\u{c9}".into()], Some("ab\nc".into()));
    assert_eq!(profile, Profile { name: "abc".into(), tags, note, raw: " \0".into(), age: 1, inner: Some(inner) });
}

#[test]
fn they_are_cleaned_as_well_where_something_else_does_not_parse() {
    assert_eq!(
        refused::<Profile>(r#"{"name":"  ABC ","tags":[7],"note":"\u0000","raw":"","age":"x"}"#),
        ["#/age type must be an integer", "#/tags/0 type must be a string"]
    );
    assert_eq!(
        refused::<Profile>(r#"{"name":" ABCD ","tags":[],"raw":"","age":"x"}"#),
        ["#/age type must be an integer", "#/name length must have at most 3 characters max=3"]
    );
}
