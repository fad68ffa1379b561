//! Under load, the sums are exact, and however the shop ends, no answered order is lost.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use serde_json::json;

use crate::support::{Connection, Request, Shop, get, in_parallel, post, rounds, wait_until};

const STOCK: i64 = 1_000_000;

fn order() -> Request {
    post("/v1/orders").json(&json!({"customer": "ann", "lines": [{"sku": "MANY-1", "quantity": 1}]}))
}

/// How many orders there are; they contain all pieces that are missing from the stock.
#[track_caller]
fn orders(shop: &Shop) -> usize {
    let all = shop.all("/v1/orders?customer=ann&limit=100");
    assert_eq!(STOCK - shop.stock("MANY-1"), i64::try_from(all.len()).unwrap());
    all.len()
}

#[test]
fn orders_over_many_connections_add_up() {
    let shop = Shop::start();
    shop.stocked("MANY-1", 1, STOCK);
    // 1,000 connections in a soak run.
    let placed = in_parallel(rounds(50), |_| {
        let mut connection = shop.connect();
        (0..4).filter(|_| placed(&connection.send(&order()))).count()
    });
    assert_eq!(orders(&shop), placed.iter().sum::<usize>());
}

/// Whether the order was placed. There may be more requests than there is time for; an order is then not placed at all.
fn placed(answer: &crate::support::Answer) -> bool {
    assert!([201, 503].contains(&answer.status), "{answer:?}");
    answer.status == 201
}

/// Places orders until the shop no longer answers; returns the paths of those that were answered.
fn place(shop: &Shop, begun: &AtomicBool) -> Vec<String> {
    let mut placed = Vec::new();
    while let Some(mut connection) = Connection::try_open(shop.addr) {
        connection.write(&order().to_bytes());
        let Some(answer) = connection.read() else { break };
        placed.push(answer.expect(201).header("location").unwrap().to_owned());
        begun.store(true, Ordering::Relaxed);
    }
    placed
}

/// Sends a shop a signal in the middle of its work. Returns how it ended, all orders that it answered, and the shop
/// that runs after it.
fn signalled(mut shop: Shop, signal: &str) -> (Option<i32>, Vec<String>, Shop) {
    let (next, begun) = (shop.beside(), AtomicBool::new(false));
    let placed = thread::scope(|scope| {
        let (running, begun) = (&shop, &begun);
        let loads: Vec<_> = (0..8).map(|_| scope.spawn(move || place(running, begun))).collect();
        wait_until(|| begun.load(Ordering::Relaxed).then_some(()));
        running.signal(signal);
        loads.into_iter().flat_map(|load| load.join().unwrap()).collect()
    });
    let code = shop.ended().code();
    (code, placed, next.run())
}

#[test]
fn a_stop_in_the_middle_of_load_ends_with_0_and_loses_nothing() {
    for _ in 0..rounds(1) {
        let shop = Shop::start();
        shop.stocked("MANY-1", 1, STOCK);
        let (code, placed, again) = signalled(shop, "TERM");
        assert_eq!(code, Some(0));
        // Every request that had begun was finished, and its client got the response.
        assert_eq!(orders(&again), placed.len());
    }
}

#[test]
fn a_kill_in_the_middle_of_load_loses_nothing_that_was_answered() {
    for _ in 0..rounds(1) {
        let shop = Shop::start();
        shop.stocked("MANY-1", 1, STOCK);
        let (code, placed, again) = signalled(shop, "KILL");
        assert_eq!(code, None);
        for path in &placed {
            again.send(&get(path)).expect(200);
        }
        // At most one more for each client, which was committed and not answered.
        let orders = orders(&again);
        assert!((placed.len()..=placed.len() + 8).contains(&orders), "{orders} orders, {} answered", placed.len());
    }
}
