//! "Every response carries `X-Request-Id` and `X-Content-Type-Options: nosniff`. Every error is a problem."
//!
//! The client of these tests checks both on every response that it reads; this file has the special cases.

use std::collections::HashSet;

use crate::support::{Connection, Request, Shop, delete, get, head, patch, post};

#[test]
fn a_sane_request_id_is_kept() {
    let shop = Shop::start();
    for id in ["a", "0198c0de-1234", "!#$%&'*+-.^_`|~(){}[]<>/?:;@=\"\\", &"x".repeat(128)] {
        let answer = shop.send(&get("/v1/products").header("X-Request-Id", id)).expect(200);
        assert_eq!(answer.header("x-request-id"), Some(id));
        let error = shop.send(&get("/nothing").header("X-Request-Id", id)).expect(404);
        assert_eq!(error.json()["request_id"], id);
    }
}

#[test]
fn any_other_request_id_is_replaced() {
    let shop = Shop::start();
    let long = "x".repeat(129);
    for id in [&b"two words"[..], b"", b"\xc3\xa9", b"tab\there", b"\xff\xfe", long.as_bytes()] {
        let answer = shop.send(&get("/v1/products").header("X-Request-Id", id)).expect(200);
        assert_ne!(answer.header("x-request-id").unwrap().as_bytes(), id);
    }
}

#[test]
fn a_request_without_an_id_gets_one_of_its_own() {
    let shop = Shop::start();
    let mut connection = shop.connect();
    let ids: HashSet<_> =
        (0..50).map(|_| connection.send(&get("/v1/products")).header("x-request-id").unwrap().to_owned()).collect();
    assert_eq!(ids.len(), 50);
}

/// One request for each kind of response, with its status.
fn answers_of_every_kind(shop: &Shop) -> Vec<(u16, Request)> {
    let order = shop.ordered("ann", "MUG-001", 1);
    let etag = shop.send(&get(&order)).etag().to_owned();
    vec![
        (200, get("/v1/orders")),
        (304, get(&order).header("if-none-match", &etag)),
        (404, get("/")),
        (404, get("/v2/orders")),
        (404, get("/v1/orders/018f0000-0000-7000-8000-000000000000")),
        (405, delete("/v1/orders")),
        (401, post("/v1/products")),
        (415, post("/v1/orders").body("{}")),
        (415, patch(&order).raw_json("{}")),
        (413, post("/v1/orders").raw_json(vec![b' '; (1 << 20) + 1])),
        (400, post("/v1/orders").raw_json("{")),
        (422, post("/v1/orders").raw_json("{}")),
        (422, get("/v1/orders?limit=0")),
        (428, patch(&order).merge_patch(&serde_json::json!({}))),
        (412, patch(&order).header("if-match", "\"other\"").merge_patch(&serde_json::json!({}))),
        (412, delete(&order).header("if-match", "\"other\"")),
        (204, delete(&order)),
    ]
}

#[test]
fn every_kind_of_answer_has_the_id_and_nosniff_and_every_error_is_a_problem() {
    let shop = Shop::start();
    for (status, request) in answers_of_every_kind(&shop) {
        shop.send(&request.header("x-request-id", "mine")).expect(status);
    }
    assert_eq!(head("/nothing").method, "HEAD");
    let answer = shop.send(&head("/nothing")).expect(404);
    assert!(answer.body.is_empty());
}

#[test]
fn a_wrong_method_is_a_405_that_lists_the_right_ones() {
    let shop = Shop::start();
    let order = shop.ordered("ann", "MUG-001", 1);
    let cancel = format!("{order}/cancel");
    let routes = [
        ("/v1/products", "GET HEAD POST"),
        ("/v1/products/MUG-001", "GET HEAD PATCH"),
        ("/v1/orders", "GET HEAD POST"),
        (&order, "DELETE GET HEAD PATCH"),
        (&cancel, "POST"),
    ];
    for (path, allowed) in routes {
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "QUERY", "BREW"] {
            if allowed.split(' ').any(|known| known == method) {
                continue;
            }
            let answer = shop.send(&Request::new(method, path));
            answer.is_problem(405, "method-not-allowed", &[]);
            let mut allow: Vec<_> = answer.header("allow").unwrap().split(',').map(str::trim).collect();
            allow.sort_unstable();
            assert_eq!(allow.join(" "), allowed, "{method} {path}");
        }
    }
}

#[test]
fn an_unknown_route_is_a_404() {
    let shop = Shop::start();
    for path in
        ["/", "/v1", "/v1/", "/v1/orders/", "/v1/orders/a/b", "/v1/order", "/V1/orders", "//v1/orders", "/v1/products/"]
    {
        shop.send(&get(path)).is_problem(404, "not-found", &[]);
        shop.send(&post(path).raw_json("{")).is_problem(404, "not-found", &[]);
    }
}

#[test]
fn an_error_names_its_path_without_the_query() {
    let shop = Shop::start();
    let answer = shop.send(&get("/v1/orders?limit=0&customer=MARKER-7")).expect(422);
    assert_eq!(answer.json()["instance"], "/v1/orders");
    assert!(!answer.text().contains("MARKER-7"));
}

#[test]
fn many_requests_go_over_one_connection_also_without_waiting_for_answers() {
    let shop = Shop::start();
    let mut connection: Connection = shop.connect();
    for i in 0..20 {
        connection.write(&get("/v1/products").header("x-request-id", format!("n{i}")).to_bytes());
    }
    for i in 0..20 {
        let answer = connection.read().unwrap().expect(200);
        assert_eq!(answer.header("x-request-id").unwrap(), format!("n{i}"));
    }
}
