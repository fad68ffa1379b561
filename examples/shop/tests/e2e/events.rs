//! Events for other systems: each change to an order is an event, written with the change or not at all, and delivered
//! once the change is committed, whatever happens to the process.

use serde_json::json;

use crate::support::{Event, Shop, delete, get, in_parallel, patch, post, rounds, wait_until};

/// The kinds of the events, by order.
fn kinds(events: &[Event]) -> Vec<&str> {
    events.iter().map(|event| event.kind.as_str()).collect()
}

/// The id at the end of an order's path.
fn id(order: &str) -> &str {
    order.rsplit_once('/').unwrap().1
}

#[test]
fn an_order_leaves_one_event_that_is_told_of_once() {
    let shop = Shop::start();
    let outbox = shop.outbox();
    outbox.hold();
    let order = shop.ordered("ann", "MUG-001", 2);
    let event = Event {
        kind: "order-placed".to_owned(),
        key: id(&order).to_owned(),
        sequence: 1,
        payload: shop.json(&order),
        is_claimed: false,
    };
    assert_eq!(outbox.waiting(), [event]);
    assert!(shop.told().is_empty());
    outbox.release();
    wait_until(|| outbox.waiting().is_empty().then_some(()));
    wait_until(|| (!shop.told().is_empty()).then_some(()));
    assert_eq!(shop.told(), [format!("order-placed {}", id(&order))]);
}

#[test]
fn what_is_refused_leaves_no_event() {
    let shop = Shop::start();
    let outbox = shop.outbox();
    outbox.hold();
    shop.order("ann", "PIN-003", 1).is_problem(409, "out-of-stock", &[]);
    shop.order("ann", "CAP-004", 1).is_problem(422, "invalid-input", &["#/lines/0/sku unknown-sku"]);
    // The mugs had been taken when the shop found that there are no pins.
    let lines = json!([{"sku": "MUG-001", "quantity": 1}, {"sku": "PIN-003", "quantity": 1}]);
    let body = json!({"customer": "ann", "lines": lines});
    shop.send(&post("/v1/orders").json(&body)).is_problem(409, "out-of-stock", &[]);
    assert_eq!(outbox.waiting(), []);
}

#[test]
fn who_cancels_an_order_that_is_cancelled_tells_nobody() {
    let shop = Shop::start();
    let outbox = shop.outbox();
    outbox.hold();
    let order = shop.ordered("ann", "MUG-001", 1);
    let cancel = post(format!("{order}/cancel"));
    let cancelled = shop.send(&cancel).expect(200).json();
    shop.send(&cancel).expect(409);
    let events = outbox.waiting();
    assert_eq!(kinds(&events), ["order-placed", "order-cancelled"]);
    assert_eq!(events[1].payload, cancelled);
    // The same holds if many requests cancel at the same moment.
    let order = shop.ordered("ann", "MUG-001", 1);
    in_parallel(8, |_| shop.send(&post(format!("{order}/cancel"))));
    let events = outbox.waiting();
    assert_eq!(kinds(&events), ["order-placed", "order-cancelled", "order-placed", "order-cancelled"]);
}

#[test]
fn whatever_happens_to_an_order_is_told_of_in_its_order() {
    let shop = Shop::start();
    let outbox = shop.outbox();
    outbox.hold();
    let order = shop.ordered("ann", "MUG-001", 1);
    let note = patch(&order).merge_patch(&json!({"note": "a note"}));
    let etag = shop.send(&get(&order)).etag().to_owned();
    let changed = shop.send(&note.clone().header("if-match", &etag)).expect(200).json();
    shop.send(&note.header("if-match", &etag)).expect(412);
    let cancelled = shop.send(&post(format!("{order}/cancel"))).expect(200).json();
    shop.send(&delete(&order).header("if-match", &etag)).expect(412);
    shop.send(&delete(&order)).expect(204);
    let events = outbox.waiting();
    assert_eq!(kinds(&events), ["order-placed", "order-changed", "order-cancelled", "order-deleted"]);
    assert_eq!(events.iter().map(|event| event.sequence).collect::<Vec<_>>(), [1, 2, 3, 4]);
    assert!(events.iter().all(|event| event.key == id(&order)));
    assert_eq!((&events[1].payload, &events[2].payload, &events[3].payload), (&changed, &cancelled, &cancelled));
    outbox.release();
    let told = wait_until(|| Some(shop.told()).filter(|told| told.len() >= 4));
    let expected = ["placed", "changed", "cancelled", "deleted"].map(|what| format!("order-{what} {}", id(&order)));
    assert_eq!(told, expected);
}

#[test]
fn a_shop_that_was_killed_tells_of_what_it_answered_when_it_is_back() {
    let shop = Shop::start();
    let outbox = shop.outbox();
    outbox.hold();
    let order = shop.ordered("ann", "MUG-001", 1);
    assert!(shop.told().is_empty());
    let start = shop.beside();
    // SIGKILL.
    drop(shop);
    assert_eq!(kinds(&outbox.waiting()), ["order-placed"]);
    outbox.release();
    let again = start.run();
    wait_until(|| outbox.waiting().is_empty().then_some(()));
    wait_until(|| (!again.told().is_empty()).then_some(()));
    assert_eq!(again.told(), [format!("order-placed {}", id(&order))]);
}

#[test]
fn a_shop_that_stops_in_the_middle_keeps_no_event_from_the_next_one() {
    let mut shop = Shop::start();
    let outbox = shop.outbox();
    shop.stocked("MANY-1", 1, 1_000);
    outbox.hold();
    let orders = rounds(300).min(1_000);
    in_parallel(4, |i| (i..orders).step_by(4).for_each(|_| drop(shop.ordered("ann", "MANY-1", 1))));
    outbox.release();
    wait_until(|| (!shop.told().is_empty()).then_some(()));
    shop.terminate();
    assert_eq!(shop.ended().code(), Some(0));
    let left = outbox.waiting();
    assert!(!left.is_empty(), "all were told of before it stopped: this needs more of them");
    assert!(left.iter().all(|event| !event.is_claimed), "some wait for the end of a lease");
    let again = shop.beside().run();
    wait_until(|| outbox.waiting().is_empty().then_some(()));
    wait_until(|| (shop.told().len() + again.told().len() == orders).then_some(()));
}

#[test]
fn two_shops_on_one_database_tell_of_each_order_once() {
    let first = Shop::start();
    let second = first.beside().run();
    let shops = [&first, &second];
    let orders = rounds(40).min(100);
    in_parallel(4, |i| (i..orders).step_by(4).for_each(|_| drop(shops[i % 2].ordered("ann", "MUG-001", 1))));
    let outbox = first.outbox();
    wait_until(|| outbox.waiting().is_empty().then_some(()));
    let mut told = wait_until(|| {
        let told = [first.told(), second.told()].concat();
        (told.len() >= orders).then_some(told)
    });
    told.sort();
    told.dedup();
    assert_eq!(told.len(), orders, "{told:#?}");
}

#[test]
fn the_log_names_the_order_and_nothing_of_its_customer() {
    let shop = Shop::start();
    let body = json!({"customer": "who is it", "lines": [{"sku": "MUG-001", "quantity": 1}], "note": "a secret gift"});
    let order = shop.send(&post("/v1/orders").json(&body)).expect(201).json();
    wait_until(|| (!shop.told().is_empty()).then_some(()));
    let printed = shop.printed();
    assert!(printed.contains(order["id"].as_str().unwrap()));
    assert!(!printed.contains("who is it") && !printed.contains("secret") && !printed.contains("MUG-001"), "{printed}");
}
