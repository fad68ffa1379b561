//! The rules of `#[validate(…)]`.

use std::collections::{BTreeMap, HashSet};
use std::sync::LazyLock;

use buttress::Payload;
use regex::Regex;
use serde::Deserialize;

use crate::support::{accepted, refused};

const MOST: u64 = 2;

static WORD: LazyLock<Regex> = LazyLock::new(|| Regex::new("^[a-z]+$").unwrap());

#[derive(Deserialize, Payload)]
#[serde(default)]
#[derive(Default)]
struct Lengths {
    #[validate(length(equal = 2))]
    exact: Option<String>,
    #[validate(length(min = 1))]
    least: Option<String>,
    #[validate(length(max = MOST))]
    list: Option<Vec<u8>>,
    #[validate(length(min = 1, max = 1, code = "one-colour", message = "must name one colour"))]
    map: Option<BTreeMap<String, u8>>,
    #[validate(length(max = 1))]
    set: HashSet<u8>,
}

#[test]
fn lengths_count_characters_elements_and_members() {
    let _: Lengths = accepted(r#"{"exact":"éé","least":"a","list":[1,2],"map":{"a":1},"set":[1,1]}"#);
    assert_eq!(
        refused::<Lengths>(r#"{"exact":"é","least":"","list":[1,2,3],"map":{},"set":[1,2]}"#),
        [
            "#/exact length must have exactly 2 characters equal=2",
            "#/least length must have at least 1 character min=1",
            "#/list length must have at most 2 elements max=2",
            "#/map one-colour must name one colour min=1 max=1",
            "#/set length must have at most 1 element max=1",
        ]
    );
}

#[derive(Deserialize, Payload)]
struct Ranges {
    #[validate(range(min = -5, max = 5))]
    signed: Option<i8>,
    #[validate(range(exclusive_min = 0.0, max = 0.1))]
    float: Option<f32>,
    #[validate(range(max = 340282366920938463463374607431768211454))]
    big: Option<u128>,
    #[validate(range(exclusive_max = 10, code = "too-many"))]
    below: Option<u64>,
}

#[test]
fn ranges_tell_their_limits_as_json() {
    let _: Ranges = accepted(r#"{"signed":-5,"float":0.1,"below":9}"#);
    let _: Ranges = accepted(r#"{"signed":null}"#);
    assert_eq!(
        refused::<Ranges>(
            r#"{"signed":6,"float":0.0,"big":340282366920938463463374607431768211455,"below":18446744073709551615}"#
        ),
        [
            "#/below too-many must be less than 10 exclusive_max=10",
            "#/big range must be at most 340282366920938463463374607431768211454 \
             max=\"340282366920938463463374607431768211454\"",
            "#/float range must be greater than 0 and at most 0.1 max=0.1 exclusive_min=0",
            "#/signed range must be between -5 and 5 min=-5 max=5",
        ]
    );
}

#[derive(Deserialize, Payload)]
struct Texts {
    #[validate(email)]
    email: Option<String>,
    #[validate(url)]
    url: Option<String>,
    #[validate(regex(path = *WORD))]
    word: Option<Box<str>>,
    #[validate(contains(pattern = "@"))]
    with: Option<String>,
    #[validate(does_not_contain(pattern = "password"))]
    without: Option<String>,
    #[validate(ip)]
    ip: Option<String>,
    #[validate(ip(v4))]
    v4: Option<String>,
    #[validate(ip(v6 = true))]
    v6: Option<String>,
    #[validate(non_control_character)]
    line: Option<String>,
}

#[test]
fn texts_have_forms() {
    // `None` obeys.
    let _: Texts = accepted("{}");
    let _: Texts = accepted(
        r#"{"email":"a@b.example","url":"https://b.example/","word":"abc","with":"a@b","without":"secret",
            "ip":"::1","v4":"127.0.0.1","v6":"::1","line":"plain"}"#,
    );
    assert_eq!(
        refused::<Texts>(
            r#"{"email":"no","url":"no","word":"No","with":"no","without":"my password","ip":"no","v4":"::1",
                "v6":"127.0.0.1","line":"a\nb"}"#
        ),
        [
            "#/email email must be an e-mail address",
            "#/ip pattern must be an IP address",
            "#/line pattern must not contain control characters",
            "#/url url must be a URL",
            "#/v4 pattern must be an IPv4 address",
            "#/v6 pattern must be an IPv6 address",
            "#/with contains must contain \"@\" contains=\"@\"",
            "#/without contains must not contain \"password\" excludes=\"password\"",
            "#/word pattern must have the expected form",
        ]
    );
}

#[derive(Deserialize, Payload)]
#[serde(rename_all = "camelCase")]
struct Account {
    password: String,
    #[validate(must_match(other = password))]
    password_again: String,
    #[validate(required, range(max = 9))]
    age: Option<u8>,
}

#[test]
fn members_can_be_compared_and_asked_for() {
    let _: Account = accepted(r#"{"password":"a","passwordAgain":"a","age":1}"#);
    assert_eq!(
        refused::<Account>(r#"{"password":"a","passwordAgain":"b","age":null}"#),
        ["#/age required is required", "#/passwordAgain match must be the same as password other=\"password\""]
    );
    assert_eq!(refused::<Account>(r#"{"password":"a","passwordAgain":"a"}"#), ["#/age required is required"]);
    // No comparison is possible while one of them is not a text.
    assert_eq!(
        refused::<Account>(r#"{"password":1,"passwordAgain":"a","age":10}"#),
        ["#/age range must be at most 9 max=9", "#/password type must be a string"]
    );
}
