//! `POST /v1/orders/{id}/cancel` and `DELETE /v1/orders/{id}`.

use serde_json::json;

use crate::support::{Shop, delete, get, in_parallel, patch, post, rounds};

#[test]
fn a_cancelled_order_gives_its_stock_back() {
    let shop = Shop::start();
    let body = json!({"customer": "ann", "lines": [
        {"sku": "MUG-001", "quantity": 3}, {"sku": "TEE-002", "quantity": 1}, {"sku": "MUG-001", "quantity": 4},
    ]});
    let placed = shop.send(&post("/v1/orders").json(&body)).expect(201);
    let order = placed.header("location").unwrap();
    assert_eq!((shop.stock("MUG-001"), shop.stock("TEE-002")), (93, 49));
    let cancelled = shop.send(&post(format!("{order}/cancel"))).expect(200);
    assert_eq!((shop.stock("MUG-001"), shop.stock("TEE-002")), (100, 50));
    assert_eq!(cancelled.json()["status"], "cancelled");
    let read = shop.send(&get(order));
    assert_eq!(read.json(), cancelled.json());
    assert_ne!(read.etag(), placed.etag());
}

#[test]
fn cancelling_again_is_a_409() {
    let shop = Shop::start();
    let order = shop.ordered("ann", "MUG-001", 1);
    let cancel = post(format!("{order}/cancel"));
    shop.send(&cancel).expect(200);
    shop.send(&cancel).is_problem(409, "order-already-cancelled", &[]);
    assert_eq!(shop.stock("MUG-001"), 100);
    shop.send(&post("/v1/orders/018f0000-0000-7000-8000-000000000000/cancel")).is_problem(404, "order-not-found", &[]);
    let status = shop.send(&post("/v1/orders/nonsense/cancel")).status;
    assert!([404, 422].contains(&status));
}

#[test]
fn of_many_who_cancel_exactly_one_does_and_stock_returns_once() {
    let shop = Shop::start();
    for _ in 0..rounds(10) {
        let order = shop.ordered("ann", "MUG-001", 7);
        let statuses = in_parallel(8, |_| shop.send(&post(format!("{order}/cancel"))).status);
        assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
        assert!(statuses.iter().all(|status| [200, 409].contains(status)), "{statuses:?}");
        assert_eq!(shop.stock("MUG-001"), 100);
    }
}

#[test]
fn a_deleted_order_is_gone_and_stock_stays_as_it_is() {
    let shop = Shop::start();
    let order = shop.ordered("ann", "MUG-001", 3);
    let answer = shop.send(&delete(&order)).expect(204);
    assert_eq!((answer.header("content-type"), answer.header("content-length")), (None, None));
    shop.send(&delete(&order)).is_problem(404, "order-not-found", &[]);
    shop.send(&get(&order)).is_problem(404, "order-not-found", &[]);
    shop.send(&post(format!("{order}/cancel"))).expect(404);
    assert_eq!((shop.stock("MUG-001"), shop.all("/v1/orders").len()), (97, 0));
}

#[test]
fn delete_honours_if_match() {
    let shop = Shop::start();
    let order = shop.ordered("ann", "MUG-001", 1);
    let etag = shop.send(&get(&order)).etag().to_owned();
    for stale in ["\"other\"", &format!("W/{etag}")] {
        shop.send(&delete(&order).header("if-match", stale)).is_problem(412, "precondition-failed", &[]);
    }
    shop.send(&get(&order)).expect(200);
    shop.send(&delete(&order).header("if-match", &etag)).expect(204);
    shop.send(&delete(&order).header("if-match", &etag)).expect(404);
    let another = shop.ordered("ann", "MUG-001", 1);
    shop.send(&delete(&another).header("if-match", "*")).expect(204);
}

#[test]
fn of_many_who_delete_exactly_one_does() {
    let shop = Shop::start();
    for _ in 0..rounds(5) {
        let order = shop.ordered("ann", "MUG-001", 1);
        let mut statuses = in_parallel(8, |_| shop.send(&delete(&order)).status);
        statuses.sort_unstable();
        assert_eq!(statuses, [204, 404, 404, 404, 404, 404, 404, 404]);
    }
}

#[test]
fn cancelling_and_deleting_at_once_never_returns_stock_for_nothing() {
    let shop = Shop::start();
    let mut left = 1_000;
    shop.stocked("MANY-1", 1, left);
    for _ in 0..rounds(10) {
        let order = shop.ordered("ann", "MANY-1", 1);
        let statuses = in_parallel(2, |i| match i {
            0 => shop.send(&post(format!("{order}/cancel"))).status,
            _ => shop.send(&delete(&order)).status,
        });
        assert_eq!(statuses[1], 204);
        left -= i64::from(statuses[0] != 200);
        assert_eq!(shop.stock("MANY-1"), left, "{statuses:?}");
    }
}

#[test]
fn cancelling_keeps_stock_within_what_the_shop_counts() {
    let shop = Shop::start();
    let order = shop.ordered("ann", "MUG-001", 3);
    let change = |body| patch("/v1/products/MUG-001").admin().header("if-match", "*").merge_patch(&body);
    shop.send(&change(json!({"stock": 999_999}))).expect(200);
    shop.send(&post(format!("{order}/cancel"))).expect(200);
    assert_eq!(shop.stock("MUG-001"), 1_000_000);
    // The product can be changed as before, and no error names a member that was not sent.
    let changed = shop.send(&change(json!({"name": "Cup"}))).expect(200).json();
    assert_eq!((&changed["name"], &changed["stock"]), (&json!("Cup"), &json!(1_000_000)));
}
