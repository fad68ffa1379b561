//! "Products": their rules, the seeds, adding and changing them.

use serde_json::{Value, json};

use crate::support::{Shop, get, head, in_parallel, patch, post};

fn product(sku: &str) -> Value {
    json!({"sku": sku, "name": "New", "unitPrice": 1, "stock": 1})
}

#[test]
fn an_empty_shop_is_seeded() {
    let shop = Shop::start();
    let expected = json!({"items": [
        {"sku": "MUG-001", "name": "Mug", "unitPrice": 1250, "stock": 100},
        {"sku": "PIN-003", "name": "Pin", "unitPrice": 300, "stock": 0},
        {"sku": "TEE-002", "name": "Tee", "unitPrice": 2400, "stock": 50},
    ], "next": null});
    assert_eq!(shop.json("/v1/products"), expected);
}

#[test]
fn a_product_is_read_with_its_etag() {
    let shop = Shop::start();
    let answer = shop.send(&get("/v1/products/MUG-001")).expect(200);
    assert_eq!(answer.json(), json!({"sku": "MUG-001", "name": "Mug", "unitPrice": 1250, "stock": 100}));
    assert!(answer.etag().starts_with('"'));
    let again = shop.send(&get("/v1/products/MUG-001").header("if-none-match", answer.etag())).expect(304);
    assert_eq!((again.etag(), again.body.len()), (answer.etag(), 0));
    let alike = shop.send(&head("/v1/products/MUG-001")).expect(200);
    assert_eq!((alike.etag(), alike.header("content-length")), (answer.etag(), answer.header("content-length")));
    shop.send(&get("/v1/products/NO-SUCH")).is_problem(404, "product-not-found", &[]);
}

#[test]
fn a_product_that_is_added_is_there() {
    let shop = Shop::start();
    let added = shop.send(&post("/v1/products").admin().json(&product("NEW-1"))).expect(201);
    assert_eq!(added.header("location"), Some("/v1/products/NEW-1"));
    assert_eq!(added.json(), product("NEW-1"));
    let read = shop.send(&get("/v1/products/NEW-1")).expect(200);
    assert_eq!((read.json(), read.etag()), (product("NEW-1"), added.etag()));
}

#[test]
fn a_sku_that_is_taken_is_a_409_that_points_to_it() {
    let shop = Shop::start();
    let answer = shop.send(&post("/v1/products").admin().json(&product("MUG-001"))).expect(409);
    assert_eq!(answer.problem().code, "sku-taken");
    assert!(answer.problem().violations.iter().all(|violation| violation.starts_with("#/sku ")), "{}", answer.text());
    assert_eq!(answer.json()["errors"][0]["pointer"], "#/sku");
    assert_eq!(shop.json("/v1/products/MUG-001")["name"], "Mug");
}

#[test]
fn of_many_who_add_the_same_sku_one_wins() {
    let shop = Shop::start();
    let statuses = in_parallel(8, |_| shop.send(&post("/v1/products").admin().json(&product("NEW-1"))).status);
    assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 1, "{statuses:?}");
    assert!(statuses.iter().all(|status| [201, 409].contains(status)), "{statuses:?}");
}

#[test]
fn the_rules_hold_at_both_ends() {
    let shop = Shop::start();
    let good = [
        ("sku", json!("A-1")),
        ("sku", json!("A".repeat(32))),
        ("sku", json!("---")),
        ("name", json!("x")),
        ("name", json!("é".repeat(100))),
        ("unitPrice", json!(0)),
        ("unitPrice", json!(100_000_000)),
        ("stock", json!(0)),
        ("stock", json!(1_000_000)),
    ];
    for (i, (member, value)) in good.into_iter().enumerate() {
        let mut body = product(&format!("GOOD-{i}"));
        body[member] = value;
        shop.send(&post("/v1/products").admin().json(&body)).expect(201);
    }
    let bad = [
        ("sku", json!("AB"), "pattern"),
        ("sku", json!("A".repeat(33)), "pattern"),
        ("sku", json!("mug"), "pattern"),
        ("sku", json!("MÜG"), "pattern"),
        ("sku", json!("A B"), "pattern"),
        ("sku", json!("MUG\n1"), "pattern"),
        ("sku", json!(7), "type"),
        ("name", json!(""), "length"),
        ("name", json!("x".repeat(101)), "length"),
        ("name", json!(null), "type"),
        ("unitPrice", json!(-1), "range"),
        ("unitPrice", json!(100_000_001), "range"),
        ("unitPrice", json!(1.5), "type"),
        ("unitPrice", json!("1"), "type"),
        ("stock", json!(-1), "range"),
        ("stock", json!(1_000_001), "range"),
        ("stock", json!(1e30), "type"),
    ];
    for (member, value, code) in bad {
        let mut body = product("BAD-1");
        body[member] = value;
        let answer = shop.send(&post("/v1/products").admin().json(&body));
        answer.is_problem(422, "invalid-input", &[&format!("#/{member} {code}")]);
    }
    shop.send(&get("/v1/products/BAD-1")).expect(404);
}

#[test]
fn a_change_needs_if_match_and_changes_what_it_names() {
    let shop = Shop::start();
    let change = |body: &Value| patch("/v1/products/MUG-001").admin().merge_patch(body);
    let before = shop.send(&get("/v1/products/MUG-001")).expect(200);
    shop.send(&change(&json!({"stock": 7}))).is_problem(428, "precondition-required", &[]);
    let changed =
        shop.send(&change(&json!({"stock": 7, "name": " Cup "})).header("if-match", before.etag())).expect(200);
    assert_eq!(changed.json(), json!({"sku": "MUG-001", "name": "Cup", "unitPrice": 1250, "stock": 7}));
    assert_ne!(changed.etag(), before.etag());
    let read = shop.send(&get("/v1/products/MUG-001"));
    assert_eq!((read.json(), read.etag()), (changed.json(), changed.etag()));
    shop.send(&change(&json!({"stock": 8})).header("if-match", before.etag())).is_problem(
        412,
        "precondition-failed",
        &[],
    );
    let weak = format!("W/{}", changed.etag());
    shop.send(&change(&json!({"stock": 8})).header("if-match", &weak)).is_problem(412, "precondition-failed", &[]);
    assert_eq!(shop.stock("MUG-001"), 7);
}

#[test]
fn a_change_is_a_merge_patch_of_name_price_and_stock() {
    let shop = Shop::start();
    let change = |body: &Value| patch("/v1/products/MUG-001").admin().header("if-match", "*").merge_patch(body);
    let plain = patch("/v1/products/MUG-001").admin().header("if-match", "*").json(&json!({"stock": 1}));
    let answer = shop.send(&plain);
    answer.is_problem(415, "unsupported-media-type", &[]);
    assert_eq!(answer.header("accept-patch"), Some("application/merge-patch+json"));
    let answer = shop.send(&change(&json!({"sku": "X-1", "name": null, "unitPrice": -1, "stock": null})));
    let violations = answer.expect(422).problem().violations;
    let places: Vec<_> = violations.iter().map(|violation| violation.split(' ').next().unwrap()).collect();
    assert_eq!(places, ["#/name", "#/sku", "#/stock", "#/unitPrice"], "{violations:?}");
    shop.send(&patch("/v1/products/NO-SUCH").admin().header("if-match", "*").merge_patch(&json!({}))).expect(404);
    assert_eq!(shop.json("/v1/products/MUG-001")["name"], "Mug");
}

#[test]
fn an_order_changes_the_etag_of_what_it_takes() {
    let shop = Shop::start();
    let before = shop.send(&get("/v1/products/MUG-001")).etag().to_owned();
    shop.ordered("ann", "MUG-001", 1);
    assert_ne!(shop.send(&get("/v1/products/MUG-001")).etag(), before);
    let late = patch("/v1/products/MUG-001").admin().header("if-match", before).merge_patch(&json!({"stock": 100}));
    shop.send(&late).expect(412);
    assert_eq!(shop.stock("MUG-001"), 99);
}

#[test]
fn products_are_paged_by_sku() {
    let shop = Shop::start();
    for i in 0..25 {
        shop.stocked(&format!("NEW-{i:03}"), 1, 1);
    }
    let first = shop.send(&get("/v1/products")).expect(200);
    assert_eq!(first.json()["items"].as_array().unwrap().len(), 20);
    let skus: Vec<_> = shop.all("/v1/products?limit=7").iter().map(|p| p["sku"].as_str().unwrap().to_owned()).collect();
    assert_eq!((skus.len(), skus.is_sorted()), (28, true));
    shop.send(&get("/v1/products?sort=sku")).is_problem(422, "invalid-input", &["sort unknown"]);
    shop.send(&get("/v1/products?limit=101")).is_problem(422, "invalid-input", &["limit range"]);
    let orders_cursor = {
        shop.ordered("ann", "MUG-001", 1);
        shop.ordered("ann", "MUG-001", 1);
        shop.json("/v1/orders?limit=1")["next"].as_str().unwrap().to_owned()
    };
    let answer = shop.send(&get(format!("/v1/products?cursor={orders_cursor}"))).expect(422);
    assert_eq!(answer.json()["errors"][0]["parameter"], "cursor");
}

#[test]
fn a_malformed_sku_in_a_path_is_a_404_or_a_422() {
    let shop = Shop::start();
    for sku in ["x", "mug-001", "%00", "%FF", "%20", "A%2FB", "a'--", &"A".repeat(4000)] {
        let status = shop.send(&get(format!("/v1/products/{sku}"))).status;
        assert!([404, 422].contains(&status), "{sku}: {status}");
    }
}
