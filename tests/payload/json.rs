use buttress::payload::{Payload, Unvalidated, ValidationContext, read_json};
use serde_json::Value;

use crate::fixture::*;

#[test]
fn only_what_is_no_json_is_a_400() {
    for (body, status) in [
        ("", 400),
        ("{", 400),
        ("[1", 400),
        ("nope", 400),
        ("{'a':1}", 400),
        ("\u{feff}1", 400),
        ("1 1", 400),
        ("\"\n\"", 400),
        ("[1,]", 400),
        ("\"\\x\"", 400),
        ("\"\\ud800\"", 422),
        ("1e999", 422),
        ("{\"\\ud800\":1}", 422),
        ("[]", 422),
        ("-1", 422),
        (" 1\t\r\n", 200),
    ] {
        let expected = if status == 200 { "ok".to_owned() } else { status.to_string() };
        assert!(json::<u8>(body).starts_with(&expected), "{body:?}: {}", json::<u8>(body));
    }
    assert_eq!(json::<u8>(b"\"\xff\""), "400");
    assert_eq!(json::<Tree>(b"{\"n\":1,\"ignored\":\"\xff\"}"), "400");
    assert_eq!(json::<Tree>(b"{\"\xff\":1,\"n\":1}"), "400");
    assert_eq!(json::<String>(b"\"\xed\xa0\x80\""), "400");
}

/// JSONTestSuite: a text that must parse is never a 400, one that must not parse always is, and there is never a 5xx.
#[test]
fn the_json_test_suite() {
    let cases: Vec<(String, String)> = serde_json::from_str(include_str!("json_test_suite/cases.json")).unwrap();
    assert!(cases.len() > 250);
    for (name, body) in &cases {
        for outcome in
            [json::<Unvalidated<Value>>(body), json::<Order>(body), json::<Tree>(body), json::<Untagged>(body)]
        {
            match name.split('_').next() {
                Some("y") => assert!(!outcome.starts_with("400"), "{name}: {outcome}"),
                Some("n") => assert_eq!(outcome, "400", "{name}"),
                _ => assert!(!outcome.starts_with('5'), "{name}: {outcome}"),
            }
        }
    }
}

#[test]
fn nesting_is_allowed_up_to_128() {
    let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
    for (depth, expected) in [(127, "ok"), (128, "ok"), (129, "400"), (100_000, "400")] {
        assert_eq!(json::<Unvalidated<Value>>(nested(depth)), expected, "{depth}");
    }
    // The same in ignored parts, and while violations are listed.
    let ignored = |n: &str, depth| format!(r#"{{"n":{n},"ignored":{}}}"#, nested(depth));
    assert_eq!(json::<Tree>(ignored("1", 127)), "ok");
    assert_eq!(json::<Tree>(ignored("1", 128)), "400");
    assert_eq!(json::<Tree>(ignored("true", 127)), "422 #/n type");
    assert_eq!(json::<Tree>(ignored("true", 128)), "400");
    assert_eq!(json::<Tree>("[".repeat(1 << 20)), "400");
    assert_eq!(json::<Tree>("{\"a\":".repeat(200_000)), "400");
    let kids = r#"{"n":1,"kids":["#.repeat(64) + r#"{"n":"x"}"# + &"]}".repeat(64);
    assert_eq!(json::<Tree>(kids), "400");
    let kids = r#"{"n":1,"kids":["#.repeat(63) + r#"{"n":"x"}"# + &"]}".repeat(63);
    assert_eq!(json::<Tree>(kids), format!("422 #{}/n type", "/kids/0".repeat(63)));
}

#[test]
fn no_name_stands_twice_anywhere_that_is_read() {
    for (body, expected) in [
        (r#"{"a":1,"a":2}"#, "422 #/a duplicate"),
        (r#"[{"x":{"a":1,"\u0061":2}}]"#, "422 #/0/x/a duplicate"),
        (r#"{"a":{"b":1},"c":{"b":1}}"#, "ok"),
    ] {
        assert_eq!(json::<Value>(body), expected, "{body}");
    }
    let many: Vec<String> = (0..40).map(|i| format!(r#""k{i}":1"#)).collect();
    assert_eq!(json::<Value>(format!("{{{}}}", many.join(","))), "ok");
    assert_eq!(json::<Value>(format!(r#"{{{},"k33":1}}"#, many.join(","))), "422 #/k33 duplicate");
}

#[test]
fn keys_are_read_as_serde_json_reads_them() {
    use std::collections::BTreeMap;
    let keys = |text: &str| {
        read_json::<Unvalidated<BTreeMap<i16, u8>>>(text.as_bytes(), ValidationContext::new()).map(|map| map.0).ok()
    };
    for text in [r#"{"1":1,"-2":2}"#, r#"{"01":1}"#, r#"{" 1":1}"#, r#"{"1.5":1}"#, r#"{"x":1}"#, r#"{"":1}"#] {
        assert_eq!(keys(text), serde_json::from_str(text).ok(), "{text}");
    }
    let kinds = |text: &str| {
        read_json::<Unvalidated<BTreeMap<bool, u8>>>(text.as_bytes(), ValidationContext::new()).map(|map| map.0).ok()
    };
    assert_eq!(kinds(r#"{"true":1}"#), serde_json::from_str(r#"{"true":1}"#).ok());
    let wide = r#"{"340282366920938463463374607431768211455":1}"#;
    let read = read_json::<Unvalidated<BTreeMap<u128, u8>>>(wide.as_bytes(), ValidationContext::new()).unwrap();
    assert_eq!(read.0, serde_json::from_str(wide).unwrap());
}

#[test]
fn nul_is_text_to_the_parser() {
    assert_eq!(read_json::<Unvalidated<String>>(br#""a\u0000b""#, ValidationContext::new()).unwrap().0, "a\0b");
    assert_eq!(json::<String>(br#""a\u0000b""#), "422 # pattern");
    assert_eq!(json::<String>(b"\"a\0b\""), "400");
}

fn is_payload<T: Payload>() {}

#[test]
fn the_standard_library_has_its_payloads() {
    is_payload::<Vec<Option<Box<(u8, i128, f32)>>>>();
    is_payload::<std::collections::HashMap<String, std::collections::BTreeSet<std::net::IpAddr>>>();
    is_payload::<[std::borrow::Cow<'static, str>; 3]>();
    assert_eq!(json::<[u8; 2]>("[1,2]"), "ok");
    assert_eq!(json::<[u8; 2]>("[1,true]"), "422 #/1 type");
    assert_eq!(json::<std::time::Duration>(r#"{"secs":1,"nanos":0}"#), "ok");
}
