//! Hostile requests: none of them causes a 5xx, is echoed, or stops the shop.

use serde_json::json;

use crate::support::{Connection, Request, Shop, Start, get, patch, post, rounds, wait_until};

/// xorshift64*: the same requests in every run, and different ones for every seed.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() >> 33).unwrap() % limit
    }

    fn bytes(&mut self, most: usize) -> Vec<u8> {
        (0..self.below(most)).map(|_| u8::try_from(self.below(256)).unwrap()).collect()
    }
}

/// Sends bytes and stops writing. The response, if there is one, must not be a 5xx.
fn survives(shop: &Shop, bytes: &[u8]) {
    let mut connection: Connection = shop.connect();
    connection.write(bytes).finish_writing();
    while let Some(answer) = connection.read() {
        assert!(answer.status < 500, "{answer:?} to {:?}", String::from_utf8_lossy(bytes));
    }
}

#[test]
fn random_bytes_give_no_5xx() {
    let shop = Shop::start();
    let mut random = Random(0x5eed);
    for _ in 0..rounds(200) {
        survives(&shop, &random.bytes(200));
    }
    shop.send(&get("/v1/products")).expect(200);
}

#[test]
fn requests_with_a_few_bytes_changed_give_no_5xx() {
    let shop = Shop::start();
    let order = shop.ordered("ann", "MUG-001", 1);
    let body = json!({"customer": "ann", "lines": [{"sku": "MUG-001", "quantity": 1}], "note": null});
    let requests = [
        post("/v1/orders").json(&body).to_bytes(),
        get("/v1/orders?customer=ann&status=placed&sort=-total&limit=3").to_bytes(),
        patch(&order).header("if-match", "*").merge_patch(&json!({"note": "x"})).to_bytes(),
    ];
    let mut random = Random(0xfeed);
    for round in 0..rounds(300) {
        let mut bytes = requests[round % requests.len()].clone();
        for _ in 0..=random.below(3) {
            let at = random.below(bytes.len());
            bytes[at] = u8::try_from(random.below(256)).unwrap();
        }
        survives(&shop, &bytes);
    }
    shop.send(&get("/v1/products")).expect(200);
}

#[test]
fn random_bodies_give_no_5xx() {
    let shop = Shop::start();
    let mut random = Random(0xb0d7);
    for _ in 0..rounds(200) {
        let status = shop.send(&post("/v1/orders").raw_json(random.bytes(64))).status;
        assert!([400, 422].contains(&status));
    }
}

#[test]
fn random_targets_give_no_5xx() {
    let shop = Shop::start();
    let mut random = Random(0x7a26e7);
    for _ in 0..rounds(200) {
        let text: String = random.bytes(40).iter().map(|byte| format!("%{byte:02X}")).collect();
        for target in [
            format!("/v1/orders?{text}"),
            format!("/v1/orders?customer={text}"),
            format!("/v1/orders/{text}"),
            format!("/v1/products/{text}"),
        ] {
            let status = shop.send(&get(target)).status;
            assert!([200, 404, 422].contains(&status), "{status}");
        }
    }
}

/// Every place in which a client can send a value, with a marker that must not come back.
fn marked(order: &str) -> Vec<Request> {
    let m = "MARKER";
    vec![
        post("/v1/orders").raw_json(m),
        post("/v1/orders").raw_json(format!("{{\"customer\":{m}}}")),
        post("/v1/orders").json(&json!({"customer": [m], "lines": m, "note": {m: m}})),
        post("/v1/orders")
            .json(&json!({"customer": m.repeat(20), "lines": [{"sku": m.to_lowercase(), "quantity": m}]})),
        post("/v1/orders").json(&json!({"customer": m, "lines": [{"sku": m, "quantity": 1}]})),
        post("/v1/orders").header("content-type", m).body("{}"),
        post("/v1/products").header("authorization", format!("Bearer {m}")).json(&json!({"name": m})),
        post("/v1/products").header("authorization", m).json(&json!({})),
        post("/v1/products").admin().json(&json!({"sku": m, "name": [m], "unitPrice": m, "stock": m})),
        patch(order).header("if-match", format!("\"{m}\"")).merge_patch(&json!({"note": m})),
        patch(order).header("if-match", m).merge_patch(&json!({"note": m})),
        patch(order).header("if-match", "*").merge_patch(&json!({"customer": [m], "status": m})),
        patch(order).header("content-type", m).body(m),
        get(format!("/v1/orders?customer={}&status={m}&sort={m}&limit={m}&cursor={m}&extra={m}", m.repeat(20))),
        get(format!("/v1/orders?cursor={m}")),
        get(format!("/v1/products?cursor={m}")),
        get(format!("/nothing?{m}")),
    ]
}

#[test]
fn no_value_that_was_sent_is_in_an_answer_or_in_the_log() {
    let shop = Start::new().set("RUST_LOG", "debug").run();
    let order = shop.ordered("ann", "MUG-001", 1);
    for request in marked(&order) {
        let answer = shop.send(&request);
        assert!((400..500).contains(&answer.status), "{}", answer.status);
        let headers = format!("{:?}", answer.headers);
        assert!(
            !answer.text().to_uppercase().contains("MARKER") && !headers.contains("MARKER"),
            "{request:?}: {}",
            answer.text()
        );
    }
    // Once the last line is logged, all earlier ones are.
    shop.terminate();
    wait_until(|| shop.printed().contains("stopping").then_some(()));
    assert!(!shop.printed().to_uppercase().contains("MARKER"), "{}", shop.printed());
}

#[test]
fn sql_in_values_is_text() {
    let shop = Shop::start();
    let customer = "'; DROP TABLE orders; --";
    let order = shop.ordered(customer, "MUG-001", 1);
    assert_eq!(shop.json(&order)["customer"], customer);
    assert_eq!(shop.all("/v1/orders?customer='%3B+DROP+TABLE+orders%3B+--").len(), 1);
    assert_eq!(shop.all("/v1/orders?customer=%27+OR+%271%27%3D%271").len(), 0);
}

#[test]
fn a_long_target_and_many_headers_are_refused_or_answered() {
    let shop = Shop::start();
    survives(&shop, format!("GET /{} HTTP/1.1\r\nhost: a\r\n\r\n", "a".repeat(70_000)).as_bytes());
    survives(&shop, format!("GET /v1/orders?{} HTTP/1.1\r\nhost: a\r\n\r\n", "a=b&".repeat(10_000)).as_bytes());
    let headers: String = (0..200).map(|i| format!("x-{i}: y\r\n")).collect();
    survives(&shop, format!("GET /v1/orders HTTP/1.1\r\nhost: a\r\n{headers}\r\n").as_bytes());
    shop.send(&get("/v1/products")).expect(200);
}

#[test]
fn two_lengths_that_disagree_are_no_way_to_smuggle() {
    let shop = Shop::start();
    let smuggled = "DELETE /v1/orders HTTP/1.1\r\nhost: a\r\n\r\n";
    for head in [
        "content-length: 0\r\ncontent-length: 40\r\n",
        "content-length: 5\r\ntransfer-encoding: chunked\r\n",
        "transfer-encoding: xchunked\r\n",
        "content-length: +0\r\n",
    ] {
        let mut connection = shop.connect();
        connection.write(
            format!(
                "POST /v1/orders HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n{head}\r\n0\r\n\r\n{smuggled}"
            )
            .as_bytes(),
        );
        connection.finish_writing();
        while let Some(answer) = connection.read() {
            assert_ne!(answer.status, 405, "{head}");
        }
    }
}
