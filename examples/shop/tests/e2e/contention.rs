//! "Contention is retried inside: two writers at once give successes and 409s, never a 5xx."

use std::time::{Duration, Instant};

use sqlx::{Connection as _, Executor as _, SqliteConnection};

use crate::support::{Shop, Start, get, in_parallel, rounds, wait_until};

#[test]
fn of_many_who_buy_the_last_pieces_exactly_as_many_succeed_as_there_are() {
    let shop = Shop::start();
    for round in 0..rounds(3) {
        let sku = format!("LAST-{round}");
        shop.stocked(&sku, 1, 10);
        let statuses = in_parallel(50, |i| shop.order(&format!("c{i}"), &sku, 1).status);
        let count = |wanted: u16| statuses.iter().filter(|status| **status == wanted).count();
        assert_eq!((count(201), count(409)), (10, 40), "{statuses:?}");
        assert_eq!(shop.stock(&sku), 0);
    }
    assert_eq!(shop.all("/v1/orders?limit=100").len(), 10 * rounds(3));
}

#[test]
fn orders_of_several_products_in_any_order_do_not_block_one_another() {
    let shop = Shop::start();
    shop.stocked("A-1", 1, 40);
    shop.stocked("B-1", 1, 40);
    let statuses = in_parallel(16, |i| {
        let (first, second) = if i % 2 == 0 { ("A-1", "B-1") } else { ("B-1", "A-1") };
        let lines = serde_json::json!([{"sku": first, "quantity": 3}, {"sku": second, "quantity": 3}]);
        let body = serde_json::json!({"customer": "ann", "lines": lines});
        shop.send(&crate::support::post("/v1/orders").json(&body)).status
    });
    assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 13, "{statuses:?}");
    assert_eq!((shop.stock("A-1"), shop.stock("B-1")), (1, 1));
}

#[test]
fn two_shops_on_one_database_sell_no_piece_twice() {
    let first = Shop::start();
    let second = first.beside().run();
    let shops = [&first, &second];
    for round in 0..rounds(2) {
        let sku = format!("LAST-{round}");
        first.stocked(&sku, 1, 20);
        let statuses = in_parallel(30, |i| shops[i % 2].order("ann", &sku, 1).status);
        let count = |wanted: u16| statuses.iter().filter(|status| **status == wanted).count();
        assert_eq!((count(201), count(409)), (20, 10), "{statuses:?}");
        assert_eq!((first.stock(&sku), second.stock(&sku)), (0, 0));
    }
}

#[test]
fn shops_that_start_at_once_make_one_database() {
    for _ in 0..rounds(5) {
        let start = Start::new();
        let beside = [start.beside(), start.beside(), start.beside()];
        let starts = std::sync::Mutex::new(Vec::from(beside));
        let shops = in_parallel(3, |_| {
            let start = starts.lock().unwrap().pop().unwrap();
            start.run()
        });
        for shop in &shops {
            assert_eq!(shop.json("/v1/products")["items"].as_array().unwrap().len(), 3);
        }
        shops[0].ordered("ann", "MUG-001", 1);
        assert_eq!(shops[1].stock("MUG-001"), 99);
    }
}

/// On SQLite, another process holds the write lock for a while.
#[test]
fn a_lock_that_another_holds_delays_writers_and_does_not_fail_them() {
    let shop = Start::on_sqlite().run();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let mut other = runtime.block_on(async {
        let mut other = SqliteConnection::connect(&shop.database()).await.unwrap();
        other.execute("BEGIN IMMEDIATE").await.unwrap();
        other
    });
    let begin = Instant::now();
    let statuses = std::thread::scope(|scope| {
        let writers = scope.spawn(|| in_parallel(4, |_| shop.order("ann", "MUG-001", 1).status));
        // Readers are not affected.
        shop.send(&get("/v1/orders")).expect(200);
        wait_until(|| (begin.elapsed() > Duration::from_millis(2_500)).then_some(()));
        assert!(!writers.is_finished());
        runtime.block_on(other.execute("COMMIT")).unwrap();
        writers.join().unwrap()
    });
    assert_eq!(statuses, [201; 4]);
    assert_eq!(shop.stock("MUG-001"), 96);
}
