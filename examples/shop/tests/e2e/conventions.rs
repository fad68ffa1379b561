//! "Wire names are camelCase; ids are UUIDv7; money is integer minor units; times are RFC 3339 UTC in milliseconds;
//! strings are trimmed and NFC; unknown members are refused."

use serde_json::json;

use crate::support::{Shop, get, patch, post};

#[test]
fn an_order_has_these_members_and_no_others() {
    let shop = Shop::start();
    let body =
        json!({"customer": "ann", "lines": [{"sku": "MUG-001", "quantity": 2}, {"sku": "TEE-002", "quantity": 1}]});
    let order = shop.send(&post("/v1/orders").json(&body)).expect(201).json();
    let names: Vec<_> = order.as_object().unwrap().keys().map(String::as_str).collect();
    let mut expected = ["id", "customer", "status", "lines", "total", "note", "createdAt", "updatedAt"];
    expected.sort_unstable();
    let mut sorted = names.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, expected);
    assert_eq!(order["lines"][0], json!({"sku": "MUG-001", "quantity": 2, "unitPrice": 1250}));
    assert_eq!((&order["total"], &order["status"], &order["note"]), (&json!(4900), &json!("placed"), &json!(null)));
}

#[test]
fn an_id_is_a_uuid_of_version_7() {
    let shop = Shop::start();
    let order = shop.order("ann", "MUG-001", 1).expect(201).json();
    let id: uuid::Uuid = order["id"].as_str().unwrap().parse().unwrap();
    assert_eq!((id.get_version_num(), id.to_string().as_str()), (7, order["id"].as_str().unwrap()));
}

#[test]
fn times_are_utc_in_milliseconds() {
    let shop = Shop::start();
    let order = shop.order("ann", "MUG-001", 1).expect(201).json();
    assert_eq!(order["createdAt"], order["updatedAt"]);
    let shape: String =
        order["createdAt"].as_str().unwrap().chars().map(|c| if c.is_ascii_digit() { '9' } else { c }).collect();
    assert_eq!(shape, "9999-99-99T99:99:99.999Z");
}

#[test]
fn strings_are_trimmed_before_their_rules() {
    let shop = Shop::start();
    let padded = format!("\u{a0}\t {} \u{2003}\n", "x".repeat(64));
    let body = json!({"customer": padded, "lines": [{"sku": " MUG-001 ", "quantity": 1}], "note": "  soon "});
    let order = shop.send(&post("/v1/orders").json(&body)).expect(201).json();
    assert_eq!(order["customer"], "x".repeat(64));
    assert_eq!((&order["lines"][0]["sku"], &order["note"]), (&json!("MUG-001"), &json!("soon")));
    let blank = json!({"customer": " \t\u{2003}", "lines": [{"sku": "MUG-001", "quantity": 1}]});
    shop.send(&post("/v1/orders").json(&blank)).is_problem(422, "invalid-input", &["#/customer length"]);
}

#[test]
fn strings_are_nfc_before_their_rules() {
    let shop = Shop::start();
    // 64 characters in composed form, 128 as sent.
    let body =
        json!({"customer": "e\u{301}".repeat(64), "lines": [{"sku": "MUG-001", "quantity": 1}], "note": "A\u{30a}"});
    let order = shop.send(&post("/v1/orders").json(&body)).expect(201).json();
    assert_eq!((&order["customer"], &order["note"]), (&json!("é".repeat(64)), &json!("Å")));
}

#[test]
fn a_filter_finds_what_is_stored_in_whatever_form_it_is_asked() {
    let shop = Shop::start();
    shop.ordered("Ren\u{e9}", "MUG-001", 1);
    for written in ["Ren%C3%A9", "Rene%CC%81", "+Ren%C3%A9%20"] {
        assert_eq!(shop.all(&format!("/v1/orders?customer={written}")).len(), 1, "{written}");
    }
}

#[test]
fn limits_count_characters_and_not_bytes() {
    let shop = Shop::start();
    shop.ordered(&"🦀".repeat(64), "MUG-001", 1);
    shop.order(&"🦀".repeat(65), "MUG-001", 1).is_problem(422, "invalid-input", &["#/customer length"]);
}

#[test]
fn unknown_members_are_refused_everywhere() {
    let shop = Shop::start();
    let body = json!({"customer": "ann", "extra": 1, "lines": [{"sku": "MUG-001", "quantity": 1, "unitPrice": 1}]});
    shop.send(&post("/v1/orders").json(&body)).is_problem(
        422,
        "invalid-input",
        &["#/extra unknown", "#/lines/0/unitPrice unknown"],
    );
    let body = json!({"sku": "NEW-1", "name": "New", "unitPrice": 1, "stock": 1, "unit_price": 1});
    shop.send(&post("/v1/products").admin().json(&body)).is_problem(422, "invalid-input", &["#/unit_price unknown"]);
    let order = shop.ordered("ann", "MUG-001", 1);
    let answer = shop.send(&patch(&order).header("if-match", "*").merge_patch(&json!({"status": "cancelled"})));
    answer.is_problem(422, "invalid-input", &["#/status unknown"]);
    assert_eq!(shop.send(&get(&order)).json()["status"], "placed");
}

#[test]
fn a_nul_character_is_refused() {
    let shop = Shop::start();
    let answer = shop.order("a\u{0}b", "MUG-001", 1).expect(422);
    assert_eq!(answer.problem().code, "invalid-input");
}
