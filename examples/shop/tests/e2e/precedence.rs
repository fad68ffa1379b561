//! "Precedence of errors: 404 route, 405, 401, 415, 413, 400, 422 (shape and rules), 404 thing, 428, 412, 409."
//!
//! A request that has a certain fault and all later ones gets the error of that fault.

use serde_json::json;

use crate::support::{Request, Shop, get, patch, post};

const TOO_LARGE: usize = (1 << 20) + 1;

#[test]
fn of_a_request_without_a_body_too() {
    let shop = Shop::start();
    shop.send(&get("/v1/nothing?limit=0")).expect(404);
    shop.send(&Request::new("PUT", "/v1/orders?limit=0")).expect(405);
    shop.send(&get("/v1/orders?limit=0&cursor=x")).expect(422);
}

#[test]
fn route_method_token_media_type_size_syntax_rules_and_conflict() {
    let shop = Shop::start();
    let large = || vec![b'{'; TOO_LARGE];
    let text = |request: Request| request.header("content-type", "text/plain").body(large());
    shop.send(&text(post("/v1/nothing"))).expect(404);
    shop.send(&text(Request::new("PUT", "/v1/products"))).expect(405);
    shop.send(&text(post("/v1/products"))).expect(401);
    shop.send(&text(post("/v1/products").header("authorization", "Bearer wrong"))).expect(401);
    shop.send(&text(post("/v1/products").admin())).expect(415);
    shop.send(&post("/v1/products").admin().raw_json(large())).expect(413);
    shop.send(&post("/v1/products").admin().raw_json("{")).expect(400);
    shop.send(&post("/v1/products").admin().json(&json!({"sku": "MUG-001"}))).expect(422);
    let taken = json!({"sku": "MUG-001", "name": "Mug", "unitPrice": 1, "stock": 1});
    shop.send(&post("/v1/products").admin().json(&taken)).expect(409);
}

#[test]
fn a_request_that_only_says_that_it_is_too_large_is_judged_alike() {
    let shop = Shop::start();
    let statuses: Vec<_> = [
        Request::new("PUT", "/v1/nothing"),
        Request::new("PUT", "/v1/products"),
        post("/v1/products").header("content-type", "application/json"),
        post("/v1/products").admin().header("content-type", "text/plain"),
        post("/v1/products").admin().header("content-type", "application/json"),
    ]
    .into_iter()
    .map(|request| {
        let mut connection = shop.connect();
        connection.write(&request.header("content-length", TOO_LARGE.to_string()).head_bytes());
        connection.read().unwrap().status
    })
    .collect();
    assert_eq!(statuses, [404, 405, 401, 415, 413]);
}

#[test]
fn rules_thing_precondition_and_conflict() {
    let shop = Shop::start();
    let absent = "/v1/orders/018f0000-0000-7000-8000-000000000000";
    let order = shop.ordered("ann", "MUG-001", 1);
    let wrong = || json!({"customer": ""});
    let fine = || json!({"customer": "bob"});
    shop.send(&patch(absent).json(&wrong())).expect(415);
    shop.send(&patch(absent).merge_patch(&wrong())).expect(422);
    shop.send(&patch(absent).header("if-match", "\"x\"").merge_patch(&wrong())).expect(422);
    shop.send(&patch(absent).merge_patch(&fine())).expect(404);
    shop.send(&patch(absent).header("if-match", "\"x\"").merge_patch(&fine())).expect(404);
    shop.send(&patch(&order).merge_patch(&wrong())).expect(422);
    shop.send(&patch(&order).merge_patch(&fine())).expect(428);
    shop.send(&patch(&order).header("if-match", "\"x\"").merge_patch(&fine())).expect(412);
    let product = "/v1/products/NO-SUCH";
    shop.send(&patch(product).json(&json!({"stock": -1}))).expect(401);
    shop.send(&patch(product).admin().merge_patch(&json!({"stock": -1}))).expect(422);
    shop.send(&patch(product).admin().merge_patch(&json!({"stock": 1}))).expect(404);
}

#[test]
fn an_unknown_sku_comes_before_stock_that_is_out() {
    let shop = Shop::start();
    let body =
        json!({"customer": "ann", "lines": [{"sku": "PIN-003", "quantity": 1}, {"sku": "NO-SUCH", "quantity": 1}]});
    shop.send(&post("/v1/orders").json(&body)).expect(422);
}

#[test]
fn a_precondition_comes_before_a_conflict() {
    let shop = Shop::start();
    let order = shop.ordered("ann", "MUG-001", 1);
    let cancel = post(format!("{order}/cancel"));
    shop.send(&cancel.clone().header("if-match", "\"other\"")).expect(412);
    shop.send(&cancel).expect(200);
    shop.send(&cancel.clone().header("if-match", "\"other\"")).expect(412);
    shop.send(&cancel).expect(409);
}

#[test]
fn a_malformed_id_waits_for_what_is_said_of_the_body() {
    let shop = Shop::start();
    for target in ["/v1/orders/x", "/v1/products/x"] {
        let change = patch(target).admin();
        let merge = change.clone().header("content-type", "application/merge-patch+json");
        shop.send(&change.json(&json!({}))).expect(415);
        shop.send(&merge.clone().body(vec![b'{'; TOO_LARGE])).expect(413);
        shop.send(&merge.clone().body("{")).expect(400);
        shop.send(&merge.body("{}")).expect(422);
    }
}

#[test]
fn a_malformed_id_and_a_wrong_body_are_one_answer() {
    let shop = Shop::start();
    let answer = shop.send(&patch("/v1/orders/x").merge_patch(&json!({"customer": "", "colour": "red"})));
    answer.is_problem(422, "invalid-input", &["id type", "#/customer length", "#/colour unknown"]);
}
