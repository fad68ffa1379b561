//! `GET /v1/orders/{id}`.

use crate::support::{Shop, get, head};

#[test]
fn an_order_is_read_with_a_strong_etag() {
    let shop = Shop::start();
    let order = shop.ordered("ann", "MUG-001", 1);
    let answer = shop.send(&get(&order)).expect(200);
    let etag = answer.etag();
    assert!(etag.len() > 2 && etag.starts_with('"') && etag.ends_with('"'), "{etag}");
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(shop.send(&get(&order)).etag(), etag);
}

#[test]
fn who_has_it_already_gets_a_304() {
    let shop = Shop::start();
    let order = shop.ordered("ann", "MUG-001", 1);
    let etag = shop.send(&get(&order)).etag().to_owned();
    let weak = format!("W/{etag}");
    let list = format!("\"a\", W/\"b,c\" ,{weak}, \"d\"");
    for known in [&etag, &weak, &list, &"*".to_owned()] {
        for request in [get(&order), head(&order)] {
            let answer = shop.send(&request.header("if-none-match", known)).expect(304);
            assert_eq!((answer.etag(), answer.body.len()), (etag.as_str(), 0), "{known}");
            assert_eq!(answer.header("content-type"), None);
        }
    }
}

#[test]
fn who_has_another_gets_the_order() {
    let shop = Shop::start();
    let order = shop.ordered("ann", "MUG-001", 1);
    let etag = shop.send(&get(&order)).etag().to_owned();
    let unquoted = etag.trim_matches('"').to_owned();
    for known in ["\"other\"", "W/\"other\"", "\"\"", &unquoted, "garbage, \"", "w/\"x\""] {
        shop.send(&get(&order).header("if-none-match", known)).expect(200);
    }
}

#[test]
fn head_is_alike() {
    let shop = Shop::start();
    let order = shop.ordered("ann", "MUG-001", 1);
    for target in [order.as_str(), "/v1/orders", "/v1/products", "/v1/products/MUG-001"] {
        let (full, alike) = (shop.send(&get(target)).expect(200), shop.send(&head(target)).expect(200));
        for name in ["etag", "content-type", "content-length", "link"] {
            assert_eq!(full.header(name), alike.header(name), "{name} of {target}");
        }
        assert!(alike.body.is_empty());
    }
    shop.send(&head("/v1/orders/018f0000-0000-7000-8000-000000000000")).expect(404);
}

#[test]
fn what_is_not_there_is_a_404() {
    let shop = Shop::start();
    shop.send(&get("/v1/orders/018f0000-0000-7000-8000-000000000000")).is_problem(404, "order-not-found", &[]);
    // A precondition is checked only if the plain response would be a success.
    let absent = get("/v1/orders/018f0000-0000-7000-8000-000000000000");
    shop.send(&absent.header("if-none-match", "*")).expect(404);
}

#[test]
fn a_malformed_id_is_a_404_or_a_422() {
    let shop = Shop::start();
    for id in [
        "7",
        "x",
        "018f0000-0000-7000-8000-00000000000",
        "%00",
        "%FF",
        "%2F",
        "..",
        "018f0000%2D",
        "🦀",
        "-",
        &"0".repeat(5000),
    ] {
        let target = format!("/v1/orders/{}", id.replace('🦀', "%F0%9F%A6%80"));
        for method in ["GET", "DELETE"] {
            let status = shop.send(&crate::support::Request::new(method, &target)).status;
            assert!([404, 422].contains(&status), "{method} {target}: {status}");
        }
    }
}

#[test]
fn an_order_has_one_address() {
    let shop = Shop::start();
    let order = shop.ordered("ann", "MUG-001", 1);
    let id = order.strip_prefix("/v1/orders/").unwrap();
    for alias in [id.replace('-', ""), format!("%7B{id}%7D"), format!("urn:uuid:{id}")] {
        let target = format!("/v1/orders/{alias}");
        for method in ["GET", "DELETE"] {
            let answer = shop.send(&crate::support::Request::new(method, &target)).expect(422);
            assert!(answer.text().contains("must be a UUID with hyphens"), "{}", answer.text());
        }
    }
    // A reader of UUIDs accepts letters in both cases (RFC 9562 §4).
    shop.send(&get(format!("/v1/orders/{}", id.to_uppercase()))).expect(200);
}
