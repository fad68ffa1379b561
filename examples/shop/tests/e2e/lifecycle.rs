//! "It prints `listening on http://ADDR` once it accepts. SIGTERM: it stops accepting, finishes what is in flight
//! within 10 s and exits 0."

use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};

use serde_json::json;

use crate::support::{Connection, Request, Shop, Start, get, post, wait_until};

fn order() -> Request {
    post("/v1/orders").json(&json!({"customer": "ann", "lines": [{"sku": "MUG-001", "quantity": 1}]}))
}

#[test]
fn it_says_once_where_it_listens_and_accepts_by_then() {
    let shop = Shop::start();
    assert_ne!(shop.addr.port(), 0);
    shop.send(&get("/v1/products")).expect(200);
    let lines = shop.printed().lines().filter(|line| line.starts_with("listening on http://127.0.0.1:")).count();
    assert_eq!(lines, 1);
}

#[test]
fn sigterm_ends_an_idle_shop_with_0() {
    let mut shop = Shop::start();
    // Idle connections: before their first byte, inside a head, and between requests.
    let silent = shop.connect();
    let mut between = shop.connect();
    between.send(&get("/v1/products")).expect(200);
    let mut inside = shop.connect();
    inside.write(b"GET /v1/prod");
    let start = Instant::now();
    shop.terminate();
    assert_eq!(shop.ended().code(), Some(0), "{}", shop.printed());
    assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
    drop((silent, between, inside));
}

/// First the database accepts a connection and never answers; then nothing listens at its address.
#[test]
fn sigterm_ends_a_shop_that_starts_with_0() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("postgres://shop:hunter2@{}/shop", silent.local_addr().unwrap());
    let mut shop = Start::on_sqlite().set("SHOP_DATABASE_URL", url).begin();
    let held = silent.accept().unwrap();
    shop.terminate();
    assert_eq!(shop.ended().code(), Some(0), "{}", shop.printed());
    drop(held);

    let gone = format!("mysql://shop:hunter2@{}/shop", TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap());
    let mut shop = Start::on_sqlite().set("SHOP_DATABASE_URL", gone).begin();
    wait_until(|| shop.printed().contains("the database is not there yet").then_some(()));
    shop.terminate();
    assert_eq!(shop.ended().code(), Some(0), "{}", shop.printed());
    assert!(!shop.printed().contains("hunter2"));
}

#[test]
fn what_is_in_flight_is_finished_and_nothing_new_is_accepted() {
    let mut shop = Shop::start();
    let mut connection = shop.connect();
    let bytes = order().to_bytes();
    let (most, rest) = bytes.split_at(bytes.len() - 5);
    connection.write(&order().header("expect", "100-continue").head_bytes());
    let mut slow = shop.connect();
    slow.write(most);
    // Another response shows that the server has read the earlier bytes.
    shop.send(&get("/v1/products")).expect(200);
    shop.terminate();
    wait_until(|| TcpStream::connect(shop.addr).is_err().then_some(()));
    slow.write(rest);
    let answer = slow.read().expect("the request in flight was cut").expect(201);
    answer.check(&order());
    connection.leave_now();
    assert_eq!(shop.ended().code(), Some(0));
    // The order is there when the shop is started again.
    let again = shop.beside().run();
    again.send(&get(answer.header("location").unwrap())).expect(200);
}

#[test]
fn a_stuck_connection_does_not_hold_the_exit_for_more_than_10_s() {
    let mut shop = Shop::start();
    let bytes = order().to_bytes();
    let mut stuck: Vec<Connection> = (0..3).map(|_| shop.connect()).collect();
    for connection in &mut stuck {
        connection.write(&bytes[..bytes.len() - 5]);
    }
    shop.send(&get("/v1/products")).expect(200);
    let start = Instant::now();
    shop.terminate();
    assert_eq!(shop.ended().code(), Some(0), "{}", shop.printed());
    assert!(start.elapsed() < Duration::from_secs(15), "{:?}", start.elapsed());
}

#[test]
fn a_restart_keeps_the_data() {
    let mut shop = Shop::start();
    let order = shop.ordered("ann", "MUG-001", 3);
    shop.stocked("NEW-1", 5, 5);
    let before = shop.send(&get(&order));
    shop.terminate();
    shop.ended();
    let again = shop.beside().run();
    let after = again.send(&get(&order)).expect(200);
    assert_eq!((after.text(), after.etag()), (before.text(), before.etag()));
    assert_eq!((again.stock("MUG-001"), again.stock("NEW-1")), (97, 5));
}

#[test]
fn a_shop_that_is_killed_keeps_what_it_answered() {
    let shop = Shop::start();
    let order = shop.ordered("ann", "MUG-001", 3);
    let start = shop.beside();
    // SIGKILL.
    drop(shop);
    let again = start.run();
    again.send(&get(&order)).expect(200);
    assert_eq!(again.stock("MUG-001"), 97);
}

#[test]
fn a_connection_that_sends_nothing_or_half_a_head_is_closed() {
    let shop = Shop::start();
    let mut connections: Vec<_> = (0..4).map(|_| shop.connect()).collect();
    connections[1].write(b"G");
    // May become HTTP/1.1 or HTTP/2.
    connections[2].write(b"PRI * HTTP/2.0\r\n");
    connections[3].write(b"GET /v1/products HTTP/1.1\r\nhost: a\r\n");
    let start = Instant::now();
    for connection in &mut connections {
        assert!(connection.read().is_none());
    }
    assert!(start.elapsed() > Duration::from_secs(5) && start.elapsed() < Duration::from_secs(20));
    shop.send(&get("/v1/products")).expect(200);
}
