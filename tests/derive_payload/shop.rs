//! The types of a shop.

use std::sync::LazyLock;

use buttress::Payload;
use regex::Regex;
use serde::Deserialize;

use crate::support::{accepted, refused};

static SKU: LazyLock<Regex> = LazyLock::new(|| Regex::new("^[A-Z0-9-]{3,32}$").unwrap());

#[derive(Debug, Deserialize, Payload)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[payload(trim, nfc)]
struct NewOrder {
    #[validate(length(min = 1, max = 64))]
    customer: String,
    #[validate(length(min = 1, max = 50))]
    lines: Vec<Line>,
    #[validate(length(max = 500))]
    note: Option<String>,
}

#[derive(Debug, Deserialize, Payload)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[payload(trim, nfc)]
struct Line {
    #[validate(regex(path = *SKU, message = "must be a sku"))]
    sku: String,
    #[validate(range(min = 1, max = 999))]
    quantity: u32,
}

#[test]
fn a_good_order_is_cleaned_and_accepted() {
    let order: NewOrder = accepted(r#"{"customer":"  Ren\u0065\u0301 ","lines":[{"sku":"MUG-001","quantity":2}]}"#);
    assert_eq!(order.customer, "Ren\u{e9}");
    assert_eq!((order.lines[0].sku.as_str(), order.lines[0].quantity, order.note), ("MUG-001", 2, None));
}

#[test]
fn rules_are_reported_where_the_client_wrote_the_value() {
    let body = format!(
        r#"{{"customer":"   ","lines":[{{"sku":"MUG-001","quantity":1}},{{"sku":"x","quantity":1000}}],"note":"{}"}}"#,
        "n".repeat(501)
    );
    assert_eq!(
        refused::<NewOrder>(&body),
        [
            "#/customer length must have 1 to 64 characters min=1 max=64",
            "#/lines/1/quantity range must be between 1 and 999 min=1 max=999",
            "#/lines/1/sku pattern must be a sku",
            "#/note length must have at most 500 characters max=500",
        ]
    );
}

#[test]
fn types_and_names_are_reported_beside_rules() {
    assert_eq!(
        refused::<NewOrder>(r#"{"customer":"","lines":[{"quantity":0},{"sku":"bad sku","quantity":"two"}],"extra":1}"#),
        [
            "#/customer length must have 1 to 64 characters min=1 max=64",
            "#/extra unknown is not known",
            "#/lines/0/quantity range must be between 1 and 999 min=1 max=999",
            "#/lines/0/sku required is required",
            "#/lines/1/quantity type must be an integer",
            "#/lines/1/sku pattern must be a sku",
        ]
    );
}

#[test]
fn lines_are_counted_even_where_they_do_not_parse() {
    let lines = vec!["7"; 51].join(",");
    let found = refused::<NewOrder>(&format!(r#"{{"customer":"a","lines":[{lines}]}}"#));
    assert_eq!(found[0], "#/lines length must have 1 to 50 elements min=1 max=50");
    assert_eq!(found.len(), 52);
    assert_eq!(
        refused::<NewOrder>(r#"{"customer":"a","lines":[]}"#),
        ["#/lines length must have 1 to 50 elements min=1 max=50"]
    );
}

#[test]
fn no_text_holds_the_null_character() {
    assert_eq!(
        refused::<NewOrder>(r#"{"customer":"a\u0000b","lines":[{"sku":"MUG-001","quantity":1}],"note":"\u0000"}"#),
        [
            "#/customer pattern must not contain the character U+0000",
            "#/note pattern must not contain the character U+0000"
        ]
    );
}
