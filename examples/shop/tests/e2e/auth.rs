//! "Protected routes need `Authorization: Bearer <token>`: 401 with a bare `Bearer` challenge without one, with
//! `error="invalid_token"` for a wrong one."

use serde_json::json;

use crate::support::{Request, Shop, TOKEN, patch, post};

fn protected() -> [Request; 2] {
    let product = json!({"sku": "NEW-1", "name": "New", "unitPrice": 1, "stock": 1});
    [
        post("/v1/products").json(&product),
        patch("/v1/products/MUG-001").header("if-match", "*").merge_patch(&json!({"stock": 7})),
    ]
}

#[test]
fn without_a_token_the_challenge_is_bare() {
    let shop = Shop::start();
    for request in protected() {
        for credentials in [None, Some("Basic dTpw"), Some(TOKEN), Some("Bearer"), Some("Token x"), Some("")] {
            let request = match credentials {
                Some(value) => request.clone().header("authorization", value),
                None => request.clone(),
            };
            let answer = shop.send(&request);
            answer.is_problem(401, "unauthorized", &[]);
            assert_eq!(answer.header("www-authenticate"), Some("Bearer"), "{credentials:?}");
        }
    }
    assert_eq!(shop.stock("MUG-001"), 100);
}

#[test]
fn a_wrong_token_is_named_as_such() {
    let shop = Shop::start();
    let (longer, shorter) = (format!("{TOKEN}x"), &TOKEN[..TOKEN.len() - 1]);
    for request in protected() {
        for wrong in ["x", &longer, shorter, &TOKEN.to_uppercase(), "test-token.0123456780"] {
            let answer = shop.send(&request.clone().header("authorization", format!("Bearer {wrong}")));
            answer.is_problem(401, "unauthorized", &[]);
            assert_eq!(answer.header("www-authenticate"), Some("Bearer error=\"invalid_token\""));
            assert!(!answer.text().contains(wrong) || wrong == "x");
        }
    }
    assert_eq!(shop.stock("MUG-001"), 100);
}

#[test]
fn the_right_token_opens_whatever_the_case_of_its_scheme() {
    let shop = Shop::start();
    let [add, change] = protected();
    shop.send(&add.header("authorization", format!("Bearer {TOKEN}"))).expect(201);
    shop.send(&change.header("authorization", format!("bearer {TOKEN}"))).expect(200);
    assert_eq!(shop.stock("MUG-001"), 7);
}

#[test]
fn a_token_in_the_query_opens_nothing() {
    let shop = Shop::start();
    let product = json!({"sku": "NEW-1", "name": "New", "unitPrice": 1, "stock": 1});
    shop.send(&post(format!("/v1/products?access_token={TOKEN}")).json(&product)).expect(401);
}

#[test]
fn two_tokens_open_nothing() {
    let shop = Shop::start();
    let right = format!("Bearer {TOKEN}");
    for request in protected() {
        for (first, second) in [(&*right, "Bearer wrong"), ("Bearer wrong", &*right), (&*right, &*right)] {
            let request = request.clone().header("authorization", first).header("authorization", second);
            shop.send(&request).is_problem(401, "unauthorized", &[]);
        }
    }
    assert_eq!(shop.stock("MUG-001"), 100);
}
