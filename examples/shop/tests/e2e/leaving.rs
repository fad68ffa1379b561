//! "A client that leaves in the middle leaves either a whole order or none."

use serde_json::{Value, json};

use crate::support::{Request, Shop, in_parallel, post, rounds, wait_until};

const PIECES: i64 = 3;
const STOCK: i64 = 100_000;

fn request() -> Request {
    let body = json!({"customer": "leaver", "lines": [
        {"sku": "MANY-1", "quantity": 1}, {"sku": "MANY-2", "quantity": 1}, {"sku": "MANY-1", "quantity": 1},
    ], "note": "a note"});
    post("/v1/orders").json(&body)
}

fn shop() -> Shop {
    let shop = Shop::start();
    shop.stocked("MANY-1", 1, STOCK);
    shop.stocked("MANY-2", 1, STOCK);
    shop
}

/// Pieces that are missing from the stock must be in existing orders, each of them whole. Returns the number of orders,
/// once nothing is in flight any more.
#[track_caller]
fn is_consistent(shop: &Shop) -> i64 {
    wait_until(|| {
        let (before, orders) = (stock(shop), shop.all("/v1/orders?customer=leaver&limit=100"));
        assert!(orders.iter().all(|order| order["lines"].as_array().unwrap().len() == 3 && order["total"] == PIECES));
        let count = i64::try_from(orders.len()).unwrap();
        (before == stock(shop) && before == (STOCK - 2 * count, STOCK - count)).then_some(count)
    })
}

/// Other systems have been told of each existing order, and of no other one, once the outbox is empty.
#[track_caller]
fn all_are_told(shop: &Shop, orders: i64) {
    let outbox = shop.outbox();
    wait_until(|| outbox.waiting().is_empty().then_some(()));
    wait_until(|| (shop.told().len() as i64 >= orders).then_some(()));
    let mut told = shop.told();
    told.sort();
    let mut expected: Vec<_> = shop.all("/v1/orders?customer=leaver&limit=100").iter().map(event).collect();
    expected.sort();
    assert_eq!(told, expected);
}

fn event(order: &Value) -> String {
    format!("order-placed {}", order["id"].as_str().unwrap())
}

fn stock(shop: &Shop) -> (i64, i64) {
    (shop.stock("MANY-1"), shop.stock("MANY-2"))
}

#[test]
fn leaving_in_the_middle_of_a_request_leaves_nothing() {
    let shop = shop();
    let bytes = request().to_bytes();
    for offset in 0..bytes.len() {
        let mut connection = shop.connect();
        connection.write(&bytes[..offset]).leave_now();
    }
    assert_eq!(is_consistent(&shop), 0);
}

#[test]
fn leaving_right_after_a_request_leaves_a_whole_order_or_none() {
    let shop = shop();
    let bytes = request().to_bytes();
    for round in 0..rounds(25) {
        in_parallel(8, |i| {
            let mut connection = shop.connect();
            connection.write(&bytes);
            // From immediately to about the time when the order is placed.
            std::thread::sleep(std::time::Duration::from_micros(((round * 8 + i) as u64 * 137) % 5_000));
            connection.leave_now();
        });
    }
    let orders = is_consistent(&shop);
    all_are_told(&shop, orders);
}

#[test]
fn leaving_with_requests_in_the_pipe_leaves_whole_orders() {
    let shop = shop();
    let bytes = [request().to_bytes(), request().to_bytes(), request().to_bytes()].concat();
    for cut in (1..bytes.len()).step_by(17) {
        let mut connection = shop.connect();
        connection.write(&bytes[..cut]).leave_now();
    }
    is_consistent(&shop);
}

#[test]
fn clients_that_leave_do_not_wear_the_shop_out() {
    let shop = shop();
    let bytes = request().to_bytes();
    for _ in 0..rounds(100) {
        shop.connect().write(&bytes).leave_now();
        shop.connect().write(b"GET /v1/orders HTTP/1.1\r\nhost: a\r\n\r\n").leave_now();
    }
    is_consistent(&shop);
    wait_until(|| (in_parallel(8, |_| shop.send(&crate::support::get("/v1/orders")).status) == [200; 8]).then_some(()));
}

#[test]
fn a_client_that_only_stops_sending_is_no_reason_to_do_half() {
    let shop = shop();
    for _ in 0..rounds(20) {
        let mut connection = shop.connect();
        connection.write(&request().to_bytes()).finish_writing();
        if let Some(answer) = connection.read() {
            answer.expect(201);
        }
    }
    is_consistent(&shop);
}
