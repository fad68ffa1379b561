//! `GET /v1/orders`: its parameters.

use serde_json::{Value, json};

use crate::support::{Shop, get, post};

fn customers(orders: &[Value]) -> String {
    orders.iter().map(|order| order["customer"].as_str().unwrap()).collect::<Vec<_>>().join(" ")
}

fn totals(orders: &[Value]) -> Vec<i64> {
    orders.iter().map(|order| order["total"].as_i64().unwrap()).collect()
}

#[test]
fn an_empty_list_is_a_list() {
    let shop = Shop::start();
    assert_eq!(shop.json("/v1/orders"), json!({"items": [], "next": null}));
    assert_eq!(shop.send(&get("/v1/orders")).header("link"), None);
}

#[test]
fn by_default_there_are_20_and_the_newest_come_first() {
    let shop = Shop::start();
    let placed: Vec<_> = (0..25).map(|i| shop.ordered(&format!("c{i}"), "MUG-001", 1)).collect();
    let page = shop.json("/v1/orders");
    let items = page["items"].as_array().unwrap();
    let expected: Vec<_> = placed.iter().rev().take(20).map(|path| path.rsplit('/').next().unwrap()).collect();
    assert_eq!(items.iter().map(|order| order["id"].as_str().unwrap()).collect::<Vec<_>>(), expected);
    assert!(page["next"].is_string());
    assert_eq!(items[0], shop.json(&placed[24]));
}

#[test]
fn orders_are_sorted_four_ways() {
    let shop = Shop::start();
    for quantity in [3, 1, 2, 1] {
        shop.ordered("ann", "MUG-001", quantity);
    }
    let sorted = |sort: &str| totals(&shop.all(&format!("/v1/orders?sort={sort}")));
    assert_eq!(sorted("total"), [1250, 1250, 2500, 3750]);
    assert_eq!(sorted("-total"), [3750, 2500, 1250, 1250]);
    assert_eq!(sorted("createdAt"), [3750, 1250, 2500, 1250]);
    assert_eq!(sorted("-createdAt"), [1250, 2500, 1250, 3750]);
}

#[test]
fn orders_are_filtered_by_customer_and_status() {
    let shop = Shop::start();
    let mut paths = Vec::new();
    for customer in ["ann", "bob", "ann", "Ann", "ann "] {
        paths.push(shop.ordered(customer, "MUG-001", 1));
    }
    shop.send(&post(format!("{}/cancel", paths[0]))).expect(200);
    let found = |query: &str| customers(&shop.all(&format!("/v1/orders?sort=createdAt&{query}")));
    assert_eq!(found("customer=ann"), "ann ann ann");
    assert_eq!(found("customer=Ann"), "Ann");
    assert_eq!(found("customer=nobody"), "");
    assert_eq!(found("status=cancelled"), "ann");
    assert_eq!(found("status=placed"), "bob ann Ann ann");
    assert_eq!(found("customer=ann&status=placed"), "ann ann");
    assert_eq!(found("customer=%25"), "");
}

#[test]
fn wrong_parameters_are_all_named_at_once() {
    let shop = Shop::start();
    let query = "/v1/orders?limit=0&status=lost&sort=name&extra=1&customer=%20";
    let expected = ["customer length", "extra unknown", "limit range", "sort variant", "status variant"];
    shop.send(&get(query)).is_problem(422, "invalid-input", &expected);
}

#[test]
fn a_limit_is_1_to_100() {
    let shop = Shop::start();
    for limit in ["1", "100"] {
        shop.send(&get(format!("/v1/orders?limit={limit}"))).expect(200);
    }
    for (limit, code) in [
        ("0", "range"),
        ("101", "range"),
        ("-1", "type"),
        ("x", "type"),
        ("", "type"),
        ("1.5", "type"),
        ("99999999999999999999", "type"),
    ] {
        let answer = shop.send(&get(format!("/v1/orders?limit={limit}"))).expect(422);
        let violations = answer.problem().violations;
        let either = [format!("limit {code}"), "limit range".to_owned()];
        assert!(violations.len() == 1 && either.contains(&violations[0]), "{limit}: {violations:?}");
    }
}

#[test]
fn unknown_and_doubled_parameters_are_a_422() {
    let shop = Shop::start();
    shop.send(&get("/v1/orders?Limit=1")).is_problem(422, "invalid-input", &["Limit unknown"]);
    shop.send(&get("/v1/orders?limit=1&limit=2")).is_problem(422, "invalid-input", &["limit duplicate"]);
    shop.send(&get("/v1/products?customer=ann")).is_problem(422, "invalid-input", &["customer unknown"]);
}

#[test]
fn the_link_holds_the_whole_address_of_the_next_page() {
    let shop = Shop::start();
    for i in 0..5 {
        shop.ordered("Ren\u{e9} & co", "MUG-001", i + 1);
    }
    let mut target = "/v1/orders?customer=Ren%C3%A9+%26+co&sort=-total&limit=2&status=placed".to_owned();
    let mut seen = Vec::new();
    loop {
        let answer = shop.send(&get(&target)).expect(200);
        seen.extend(totals(answer.json()["items"].as_array().unwrap()));
        let Some(link) = answer.header("link") else {
            assert_eq!(answer.json()["next"], json!(null));
            break;
        };
        let address = link.strip_prefix('<').and_then(|rest| rest.strip_suffix(">; rel=\"next\"")).expect(link);
        target = address.strip_prefix("http://shop.test").unwrap_or(address).to_owned();
        let cursor = answer.json()["next"].as_str().unwrap().to_owned();
        assert!(target.contains(&format!("cursor={cursor}")), "{target}");
        assert!(cursor.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)), "{cursor}");
    }
    assert_eq!(seen, [6250, 5000, 3750, 2500, 1250]);
}
