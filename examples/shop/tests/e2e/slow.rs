//! Slow clients of every kind keep no other client out, and do not stay.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;

use serde_json::json;

use crate::support::{Shop, get, post, rounds, wait_until};

/// A small request with a large response.
const LARGE: &str = "GET /v1/orders?limit=100 HTTP/1.1\r\nhost: a\r\n\r\n";
/// More requests than fit between the shop and a client that does not read.
const PIPE: usize = 300;

/// A client that is slow in its own way.
struct Slow {
    stream: TcpStream,
    /// The bytes that it sends, one at a time.
    drips: Vec<u8>,
}

impl Slow {
    fn new(shop: &Shop, at_once: &str, drips: &str) -> Self {
        let mut stream = TcpStream::connect(shop.addr).unwrap();
        stream.write_all(at_once.as_bytes()).unwrap();
        stream.set_nonblocking(true).unwrap();
        Self { stream, drips: drips.bytes().rev().collect() }
    }

    /// Continues in its way; returns whether the shop has closed the connection.
    fn is_closed(&mut self) -> bool {
        if let Some(byte) = self.drips.pop() {
            let _ = self.stream.write(&[byte]);
        }
        match self.stream.read(&mut [0; 4096]) {
            Ok(read) => read == 0,
            Err(error) => error.kind() != ErrorKind::WouldBlock,
        }
    }
}

fn slow_clients(shop: &Shop, of_each: usize) -> Vec<Slow> {
    let body = json!({"customer": "slow", "lines": [{"sku": "MUG-001", "quantity": 1}]}).to_string();
    let head = format!(
        "POST /v1/orders HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len() * 1_000
    );
    let kinds = [
        // Sends nothing; sends a head, and a body, slower than the shop waits; stops in a body; sends one request.
        (String::new(), String::new()),
        ("GET /v1/products HTTP/1.1\r\n".into(), "x-slow: y\r\n".repeat(100_000)),
        (head.clone(), body.repeat(999)),
        (format!("{head}{body}"), String::new()),
        ("GET /v1/products HTTP/1.1\r\nhost: a\r\n\r\n".into(), String::new()),
    ];
    let all = kinds.iter().cycle().take(kinds.len() * of_each);
    all.map(|(at_once, drips)| Slow::new(shop, at_once, drips)).collect()
}

#[test]
fn slow_clients_of_every_kind_keep_nobody_out_and_do_not_stay() {
    let shop = Shop::start();
    let mut slow = slow_clients(&shop, rounds(10).min(180));
    while !slow.is_empty() {
        slow.retain_mut(|client| !client.is_closed());
        // Other clients are still served. One request for each pass, so that the drip does not slow down with more
        // clients.
        shop.send(&get("/v1/products")).expect(200);
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    assert!(shop.all("/v1/orders?customer=slow").is_empty());
}

#[test]
fn clients_that_do_not_read_their_answers_are_let_go() {
    let shop = Shop::start();
    shop.stocked("MANY-1", 1, 1_000_000);
    let lines: Vec<_> = (0..50).map(|_| json!({"sku": "MANY-1", "quantity": 1})).collect();
    for _ in 0..20 {
        let order = json!({"customer": "ann", "lines": lines, "note": "n".repeat(200)});
        shop.send(&post("/v1/orders").json(&order)).expect(201);
    }
    let unread: Vec<_> = (0..3).map(|_| Slow::new(&shop, &LARGE.repeat(PIPE), "")).collect();
    let given_up = || shop.printed().matches("response was not taken in time request_id=").count();
    wait_until(|| {
        shop.send(&get("/v1/products")).expect(200);
        (given_up() >= unread.len()).then_some(())
    });
    // The requests behind them in their pipelines were never begun.
    assert!(shop.printed().matches("http.route=/v1/orders ").count() < unread.len() * PIPE);
}
