//! `POST /v1/orders`.

use serde_json::{Value, json};

use crate::support::{Shop, get, post};

fn lines(lines: &[(&str, i64)]) -> Value {
    lines.iter().map(|(sku, quantity)| json!({"sku": sku, "quantity": quantity})).collect()
}

#[test]
fn an_order_is_answered_as_get_then_shows_it() {
    let shop = Shop::start();
    let body = json!({"customer": "ann", "lines": lines(&[("TEE-002", 2), ("MUG-001", 1)]), "note": "soon"});
    let placed = shop.send(&post("/v1/orders").json(&body)).expect(201);
    let order = placed.json();
    assert_eq!(placed.header("location"), Some(format!("/v1/orders/{}", order["id"].as_str().unwrap()).as_str()));
    let read = shop.send(&get(placed.header("location").unwrap())).expect(200);
    assert_eq!((read.text(), read.etag()), (placed.text(), placed.etag()));
    assert_eq!((&order["total"], &order["note"], &order["status"]), (&json!(6050), &json!("soon"), &json!("placed")));
}

#[test]
fn lines_stay_in_the_order_sent_and_a_sku_may_stand_in_several() {
    let shop = Shop::start();
    let sent = [("TEE-002", 3), ("MUG-001", 1), ("TEE-002", 4), ("MUG-001", 2)];
    let order =
        shop.send(&post("/v1/orders").json(&json!({"customer": "ann", "lines": lines(&sent)}))).expect(201).json();
    let got: Vec<_> = order["lines"]
        .as_array()
        .unwrap()
        .iter()
        .map(|l| (l["sku"].as_str().unwrap(), l["quantity"].as_i64().unwrap()))
        .collect();
    assert_eq!(got, sent);
    assert_eq!((shop.stock("TEE-002"), shop.stock("MUG-001")), (43, 97));
    assert_eq!(order["total"], 3 * 2400 + 1250 + 4 * 2400 + 2 * 1250);
}

#[test]
fn stock_has_to_last_for_all_lines_of_a_sku_together() {
    let shop = Shop::start();
    let body = json!({"customer": "ann", "lines": lines(&[("TEE-002", 30), ("MUG-001", 1), ("TEE-002", 21)])});
    let answer = shop.send(&post("/v1/orders").json(&body));
    answer.is_problem(409, "out-of-stock", &[]);
    assert_eq!((&answer.json()["sku"], &answer.json()["left"]), (&json!("TEE-002"), &json!(50)));
    let exact = json!({"customer": "ann", "lines": lines(&[("TEE-002", 30), ("TEE-002", 20)])});
    shop.send(&post("/v1/orders").json(&exact)).expect(201);
    assert_eq!(shop.stock("TEE-002"), 0);
}

#[test]
fn when_something_is_out_of_stock_nothing_is_taken() {
    let shop = Shop::start();
    for order in [[("MUG-001", 5), ("PIN-003", 1)], [("PIN-003", 1), ("MUG-001", 5)]] {
        let answer = shop.send(&post("/v1/orders").json(&json!({"customer": "ann", "lines": lines(&order)})));
        answer.is_problem(409, "out-of-stock", &[]);
        assert_eq!((&answer.json()["sku"], &answer.json()["left"]), (&json!("PIN-003"), &json!(0)));
    }
    assert_eq!((shop.stock("MUG-001"), shop.all("/v1/orders").len()), (100, 0));
}

#[test]
fn all_skus_that_are_not_sold_here_are_named_at_once() {
    let shop = Shop::start();
    let body =
        json!({"customer": "ann", "lines": lines(&[("NO-SUCH", 1), ("PIN-003", 9), ("NEITHER", 1), ("NO-SUCH", 2)])});
    let expected = ["#/lines/0/sku unknown-sku", "#/lines/2/sku unknown-sku", "#/lines/3/sku unknown-sku"];
    shop.send(&post("/v1/orders").json(&body)).is_problem(422, "invalid-input", &expected);
    assert_eq!(shop.all("/v1/orders").len(), 0);
}

#[test]
fn every_violation_of_a_request_comes_in_one_answer() {
    let shop = Shop::start();
    let body = json!({
        "customer": "",
        "lines": [{"quantity": 0}, {"sku": "bad", "quantity": "1", "extra": true}, 7, {"sku": "MUG-001", "quantity": 1000}],
        "note": 5,
        "extra": null,
    });
    let expected = [
        "#/customer length",
        "#/extra unknown",
        "#/lines/0/quantity range",
        "#/lines/0/sku required",
        "#/lines/1/extra unknown",
        "#/lines/1/quantity type",
        "#/lines/1/sku pattern",
        "#/lines/2 type",
        "#/lines/3/quantity range",
        "#/note type",
    ];
    shop.send(&post("/v1/orders").json(&body)).is_problem(422, "invalid-input", &expected);
}

#[test]
fn what_is_missing_is_named_where_it_belongs() {
    let shop = Shop::start();
    shop.send(&post("/v1/orders").raw_json("{}")).is_problem(
        422,
        "invalid-input",
        &["#/customer required", "#/lines required"],
    );
    let body = json!({"customer": "ann", "lines": [{"sku": "MUG-001", "quantity": 1}, {"quantity": 1}]});
    shop.send(&post("/v1/orders").json(&body)).is_problem(422, "invalid-input", &["#/lines/1/sku required"]);
}

#[test]
fn a_member_that_stands_twice_is_refused() {
    let shop = Shop::start();
    let body = r#"{"customer":"ann","customer":"bob","lines":[{"sku":"MUG-001","quantity":1}]}"#;
    shop.send(&post("/v1/orders").raw_json(body)).is_problem(422, "invalid-input", &["#/customer duplicate"]);
}

#[test]
fn the_rules_hold_at_both_ends() {
    let shop = Shop::start();
    shop.stocked("MANY-1", 1, 1_000_000);
    let with = |member: &str, value: Value| {
        let mut body = json!({"customer": "ann", "lines": lines(&[("MANY-1", 1)])});
        body[member] = value;
        shop.send(&post("/v1/orders").json(&body))
    };
    with("customer", json!("x")).expect(201);
    with("customer", json!("x".repeat(64))).expect(201);
    with("customer", json!("x".repeat(65))).is_problem(422, "invalid-input", &["#/customer length"]);
    with("customer", json!(null)).is_problem(422, "invalid-input", &["#/customer type"]);
    with("note", json!(null)).expect(201);
    with("note", json!("")).expect(201);
    with("note", json!("x".repeat(500))).expect(201);
    with("note", json!("x".repeat(501))).is_problem(422, "invalid-input", &["#/note length"]);
    with("lines", json!([])).is_problem(422, "invalid-input", &["#/lines length"]);
    with("lines", lines(&[("MANY-1", 1); 50])).expect(201);
    with("lines", lines(&[("MANY-1", 1); 51])).is_problem(422, "invalid-input", &["#/lines length"]);
    with("lines", lines(&[("MANY-1", 999)])).expect(201);
    for (quantity, code) in
        [(json!(0), "range"), (json!(1000), "range"), (json!(-1), "range"), (json!(1.5), "type"), (json!(true), "type")]
    {
        let lines = json!([{"sku": "MANY-1", "quantity": quantity}]);
        with("lines", lines).is_problem(422, "invalid-input", &[&format!("#/lines/0/quantity {code}")]);
    }
}

#[test]
fn the_dearest_order_there_can_be_has_the_right_total() {
    let shop = Shop::start();
    shop.stocked("DEAR-1", 100_000_000, 1_000_000);
    let body = json!({"customer": "ann", "lines": lines(&[("DEAR-1", 999); 50])});
    let order = shop.send(&post("/v1/orders").json(&body)).expect(201).json();
    assert_eq!(order["total"], 999_i64 * 50 * 100_000_000);
}

#[test]
fn a_price_is_that_of_the_moment() {
    let shop = Shop::start();
    let order = shop.ordered("ann", "MUG-001", 1);
    let dearer = crate::support::patch("/v1/products/MUG-001").admin().header("if-match", "*");
    shop.send(&dearer.merge_patch(&json!({"unitPrice": 9}))).expect(200);
    assert_eq!(shop.json(&order)["total"], 1250);
    let new = shop.ordered("ann", "MUG-001", 1);
    assert_eq!(shop.json(&new)["total"], 9);
}
