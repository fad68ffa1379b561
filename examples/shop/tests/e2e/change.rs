//! `PATCH /v1/orders/{id}`.

use serde_json::{Value, json};

use crate::support::{Request, Shop, get, in_parallel, patch, rounds};

fn change(order: &str, body: &Value) -> Request {
    patch(order).merge_patch(body)
}

#[test]
fn a_change_is_answered_with_the_order_and_a_new_etag() {
    let shop = Shop::start();
    let order = shop.ordered("ann", "MUG-001", 1);
    let before = shop.send(&get(&order));
    let answer = shop
        .send(&change(&order, &json!({"customer": " bob ", "note": "soon"})).header("if-match", before.etag()))
        .expect(200);
    let (mut expected, changed) = (before.json(), answer.json());
    expected["customer"] = json!("bob");
    expected["note"] = json!("soon");
    expected["updatedAt"] = changed["updatedAt"].clone();
    assert_eq!(changed, expected);
    assert!(changed["updatedAt"].as_str() >= before.json()["updatedAt"].as_str());
    assert_ne!(answer.etag(), before.etag());
    let read = shop.send(&get(&order));
    assert_eq!((read.json(), read.etag()), (changed, answer.etag()));
}

#[test]
fn absent_null_and_a_value_are_three_things() {
    let shop = Shop::start();
    let order = shop.ordered("ann", "MUG-001", 1);
    let patched = |body: Value| shop.send(&change(&order, &body).header("if-match", "*")).expect(200).json();
    assert_eq!(patched(json!({"note": "soon"}))["note"], "soon");
    assert_eq!(patched(json!({"customer": "bob"}))["note"], "soon");
    assert_eq!(patched(json!({}))["customer"], "bob");
    assert_eq!(patched(json!({"note": null}))["note"], json!(null));
    assert_eq!(patched(json!({"note": null}))["note"], json!(null));
}

#[test]
fn another_media_type_is_a_415_that_names_the_right_one() {
    let shop = Shop::start();
    let order = shop.ordered("ann", "MUG-001", 1);
    for media_type in ["application/json", "application/json-patch+json", "text/plain", "application/problem+json"] {
        let answer = shop.send(&patch(&order).header("if-match", "*").header("content-type", media_type).body("{}"));
        answer.is_problem(415, "unsupported-media-type", &[]);
        assert_eq!(answer.header("accept-patch"), Some("application/merge-patch+json"));
    }
    let none = shop.send(&patch(&order).header("if-match", "*").body("{}"));
    assert_eq!((none.status, none.header("accept-patch")), (415, Some("application/merge-patch+json")));
    let parameter = "Application/Merge-Patch+JSON; charset=utf-8";
    shop.send(&patch(&order).header("if-match", "*").header("content-type", parameter).body("{}")).expect(200);
}

#[test]
fn if_match_is_required() {
    let shop = Shop::start();
    let order = shop.ordered("ann", "MUG-001", 1);
    shop.send(&change(&order, &json!({"note": "x"}))).is_problem(428, "precondition-required", &[]);
    assert_eq!(shop.json(&order)["note"], json!(null));
}

#[test]
fn a_stale_or_weak_tag_is_a_412() {
    let shop = Shop::start();
    let order = shop.ordered("ann", "MUG-001", 1);
    let first = shop.send(&get(&order)).etag().to_owned();
    let second =
        shop.send(&change(&order, &json!({"note": "1"})).header("if-match", &first)).expect(200).etag().to_owned();
    let weak = format!("W/{second}");
    let weak_list = format!("{weak}, {first}, \"x\"");
    let unquoted = second.trim_matches('"').to_owned();
    for stale in [&first, &weak, &weak_list, &unquoted, &String::new(), &"\"\"".to_owned()] {
        let answer = shop.send(&change(&order, &json!({"note": "2"})).header("if-match", stale));
        // A header that is not a list of tags may be refused as such.
        assert!([412, 400, 422].contains(&answer.status), "{stale}: {}", answer.text());
        assert!(answer.status == 412 || *stale == unquoted || stale.is_empty(), "{stale}: {}", answer.text());
    }
    assert_eq!(shop.json(&order)["note"], "1");
    let list = format!("\"a\", {weak}, {second}");
    shop.send(&change(&order, &json!({"note": "2"})).header("if-match", list)).expect(200);
}

#[test]
fn other_members_and_null_for_customer_are_violations() {
    let shop = Shop::start();
    let order = shop.ordered("ann", "MUG-001", 1);
    let body =
        json!({"customer": null, "note": "x".repeat(501), "status": "cancelled", "lines": [], "total": 0, "id": null});
    let answer = shop.send(&change(&order, &body).header("if-match", "*")).expect(422);
    let violations = answer.problem().violations;
    let places: Vec<_> = violations.iter().map(|violation| violation.split(' ').next().unwrap()).collect();
    assert_eq!(places, ["#/customer", "#/id", "#/lines", "#/note", "#/status", "#/total"], "{violations:?}");
    for (body, place) in [
        (json!({"customer": ""}), "#/customer length"),
        (json!({"customer": 7}), "#/customer type"),
        (json!({"note": []}), "#/note type"),
        (json!({"note": {}}), "#/note type"),
        (json!({"note": {"a": null}}), "#/note type"),
    ] {
        shop.send(&change(&order, &body).header("if-match", "*")).is_problem(422, "invalid-input", &[place]);
        shop.send(&change(&order, &body)).is_problem(422, "invalid-input", &[place]);
    }
    for body in ["[]", "7", "null", "\"x\""] {
        let request =
            patch(&order).header("if-match", "*").header("content-type", "application/merge-patch+json").body(body);
        shop.send(&request).is_problem(422, "invalid-input", &["# type"]);
    }
    assert_eq!(shop.json(&order)["customer"], "ann");
}

#[test]
fn of_many_who_change_the_same_state_exactly_one_wins() {
    let shop = Shop::start();
    let order = shop.ordered("ann", "MUG-001", 1);
    for round in 0..rounds(10) {
        let etag = shop.send(&get(&order)).etag().to_owned();
        let answers = in_parallel(8, |i| {
            shop.send(&change(&order, &json!({"note": format!("{round}.{i}")})).header("if-match", &etag))
        });
        let winners: Vec<_> = answers.iter().filter(|answer| answer.status == 200).collect();
        assert_eq!(winners.len(), 1);
        assert!(answers.iter().all(|answer| [200, 412].contains(&answer.status)));
        assert_eq!(shop.json(&order)["note"], winners[0].json()["note"]);
    }
}

#[test]
fn a_change_is_atomic_with_a_cancellation() {
    let shop = Shop::start();
    for _ in 0..rounds(10) {
        let order = shop.ordered("ann", "MUG-001", 1);
        let etag = shop.send(&get(&order)).etag().to_owned();
        let statuses = in_parallel(2, |i| match i {
            0 => shop.send(&change(&order, &json!({"note": "x"})).header("if-match", &etag)).status,
            _ => shop.send(&crate::support::post(format!("{order}/cancel"))).status,
        });
        let now = shop.json(&order);
        assert_eq!((statuses[1], &now["status"]), (200, &json!("cancelled")));
        assert_eq!(statuses[0] == 200, now["note"] == "x", "{statuses:?} {now}");
    }
}
