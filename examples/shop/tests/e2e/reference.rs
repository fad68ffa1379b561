use super::support::reference::routes;

/// The problems of the store, which every handler lists.
const STORE: [&str; 5] = ["409 conflict", "500 internal", "422 invalid-input", "503 overloaded", "503 unavailable"];

#[test]
fn each_route_lists_the_problems_of_its_handler_and_no_others() {
    let expected: [(&str, &[&str]); 10] = [
        ("GET /v1/orders", &[]),
        ("POST /v1/orders", &["409 out-of-stock"]),
        ("GET /v1/orders/{id}", &["404 order-not-found"]),
        ("PATCH /v1/orders/{id}", &["404 order-not-found", "412 precondition-failed", "428 precondition-required"]),
        ("DELETE /v1/orders/{id}", &["404 order-not-found", "412 precondition-failed"]),
        (
            "POST /v1/orders/{id}/cancel",
            &["409 order-already-cancelled", "404 order-not-found", "412 precondition-failed"],
        ),
        ("GET /v1/products", &[]),
        ("POST /v1/products", &["409 sku-taken"]),
        ("GET /v1/products/{sku}", &["404 product-not-found"]),
        (
            "PATCH /v1/products/{sku}",
            &["412 precondition-failed", "428 precondition-required", "404 product-not-found"],
        ),
    ];
    let found = routes();
    assert_eq!(found.len(), expected.len());
    for ((route, own), (found, mut codes)) in expected.into_iter().zip(found) {
        assert_eq!(route, found);
        assert!(STORE.iter().all(|code| codes.iter().any(|known| known == code)), "{route}: {codes:?}");
        codes.retain(|code| !STORE.contains(&code.as_str()));
        assert_eq!(codes, own, "{route}");
    }
}
