use buttress::payload::{ValidationContext, read_patch};
use serde_json::json;

use crate::fixture::*;

#[test]
fn a_patch_is_checked_before_there_is_anything_to_patch() {
    for (patch, expected) in [
        ("{}", "ok"),
        (r#"{"note":null}"#, "ok"),
        (r#"{"extra":null}"#, "ok"),
        (r#"{"extra":{"a":null,"b":{"sku":"B"}}}"#, "ok"),
        (r#"{"customer":null,"zzz":1,"note":7}"#, "422 #/customer required,#/note type,#/zzz unknown"),
        (r#"{"note":"a","note":"b"}"#, "422 #/note duplicate"),
        // An object is never a text, whatever the outcome.
        (r#"{"note":{}}"#, "422 #/note type"),
        (r#"{"customer":{"a":null},"lines":{}}"#, "422 #/customer type,#/lines type"),
        (r#"{"note":{"a":1,"a":2}}"#, "422 #/note/a duplicate"),
        // An array is replaced as a whole, so its elements have to be complete.
        (r#"{"lines":[{"sku":"B"}]}"#, "422 #/lines/0/quantity required"),
        (r#"{"extra":{"b":{"quantity":null,"sku":1}}}"#, "422 #/extra/b/quantity required,#/extra/b/sku type"),
        ("[]", "422 # type"),
        ("null", "422 # type"),
        ("{", "400"),
    ] {
        assert_eq!(outcome(read_patch::<Order>(patch.as_bytes(), ValidationContext::new())), expected, "{patch}");
    }
}

#[test]
fn the_outcome_is_checked_as_a_whole() {
    let order = json!({"customer": "ann", "lines": [{"sku": "A", "quantity": 1}], "note": "n",
        "extra": {"a": {"sku": "A", "quantity": 1}}});
    for (patch, expected) in [
        (r#"{"customer":"bob","note":null}"#, "ok"),
        (r#"{"note":"ann"}"#, "422 # note-is-customer"),
        (r#"{"lines":[]}"#, "422 #/lines length"),
        (r#"{"extra":{"a":{"quantity":0}}}"#, "422 #/extra/a/quantity range"),
        (r#"{"extra":{"b":{"sku":"B"}}}"#, "422 #/extra/b/quantity required"),
    ] {
        let read = read_patch::<Order>(patch.as_bytes(), ValidationContext::new());
        let applied = read.and_then(|patch| Ok(patch.apply::<Order>(&order, ValidationContext::new())?));
        assert_eq!(outcome(applied), expected, "{patch}");
    }
}

/// RFC 7396, appendix A.
#[test]
fn the_examples_of_the_standard() {
    for (original, patch, expected) in [
        (json!({"a": "b"}), r#"{"a":"c"}"#, json!({"a": "c"})),
        (json!({"a": "b"}), r#"{"b":"c"}"#, json!({"a": "b", "b": "c"})),
        (json!({"a": "b"}), r#"{"a":null}"#, json!({})),
        (json!({"a": "b", "b": "c"}), r#"{"a":null}"#, json!({"b": "c"})),
        (json!({"a": ["b"]}), r#"{"a":"c"}"#, json!({"a": "c"})),
        (json!({"a": "c"}), r#"{"a":["b"]}"#, json!({"a": ["b"]})),
        (json!({"a": {"b": "c"}}), r#"{"a":{"b":"d","c":null}}"#, json!({"a": {"b": "d"}})),
        (json!({"a": [{"b": "c"}]}), r#"{"a":[1]}"#, json!({"a": [1]})),
        (json!(["a", "b"]), r#"["c","d"]"#, json!(["c", "d"])),
        (json!({"a": "b"}), r#"["c"]"#, json!(["c"])),
        (json!({"a": "foo"}), "null", json!(null)),
        (json!({"a": "foo"}), r#""bar""#, json!("bar")),
        (json!({"e": null}), r#"{"a":1}"#, json!({"e": null, "a": 1})),
        (json!([1, 2]), r#"{"a":"b","c":null}"#, json!({"a": "b"})),
        (json!({}), r#"{"a":{"bb":{"ccc":null}}}"#, json!({"a": {"bb": {}}})),
    ] {
        let read = read_patch::<serde_json::Value>(patch.as_bytes(), ValidationContext::new()).unwrap();
        assert_eq!(read.apply::<serde_json::Value>(&original, ValidationContext::new()).unwrap(), expected, "{patch}");
    }
}

#[test]
fn numbers_are_not_rounded() {
    let wide = u128::MAX;
    let patch = read_patch::<std::collections::BTreeMap<String, u128>>(
        format!(r#"{{"new":{wide}}}"#).as_bytes(),
        ValidationContext::new(),
    );
    let current = std::collections::BTreeMap::from([("old".to_owned(), wide - 1)]);
    let outcome: std::collections::BTreeMap<String, u128> =
        patch.unwrap().apply(&current, ValidationContext::new()).unwrap();
    assert_eq!((outcome["old"], outcome["new"]), (wide - 1, wide));
}

#[test]
fn a_part_of_what_has_no_shape_waits_for_the_outcome() {
    let foreign = json!({"even": 2, "names": {"a": 1}});
    for (patch, expected) in [
        (r#"{"names":{"b":2}}"#, "ok"),
        (r#"{"even":4}"#, "ok"),
        (r#"{"even":3}"#, "422 # type"),
        (r#"{"even":null}"#, "422 # type"),
        (r#"{"names":{"b":2,"b":3}}"#, "422 #/names/b duplicate"),
    ] {
        let read = read_patch::<Foreign>(patch.as_bytes(), ValidationContext::new());
        let applied = read.and_then(|patch| Ok(patch.apply::<Foreign>(&foreign, ValidationContext::new())?));
        assert_eq!(outcome(applied), expected, "{patch}");
    }
    let card = json!({"kind": "card", "digits": "1"});
    for (patch, expected) in [
        (r#"{"digits":"2"}"#, "ok"),
        (r#"{"digits":2}"#, "422 #/digits type"),
        (r#"{"kind":"cash","digits":null}"#, "ok"),
        (r#"{"kind":"cash","kind":"card"}"#, "422 #/kind duplicate"),
    ] {
        let read = read_patch::<Internal>(patch.as_bytes(), ValidationContext::new());
        let applied = read.and_then(|patch| Ok(patch.apply::<Internal>(&card, ValidationContext::new())?));
        assert_eq!(outcome(applied), expected, "{patch}");
    }
}
