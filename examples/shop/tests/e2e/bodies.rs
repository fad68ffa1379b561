//! "JSON bodies need a JSON media type, at most 1 MiB, UTF-8 and nesting ≤ 128."

use serde_json::json;

use crate::support::{Connection, Request, Shop, post};

const MIB: usize = 1 << 20;

fn order() -> String {
    json!({"customer": "ann", "lines": [{"sku": "MUG-001", "quantity": 1}]}).to_string()
}

fn orders() -> Request {
    post("/v1/orders")
}

#[test]
fn a_json_media_type_is_taken_in_any_spelling() {
    let shop = Shop::start();
    for media_type in [
        "application/json",
        "application/json; charset=utf-8",
        "application/json;charset=\"UTF-8\"",
        "APPLICATION/JSON",
        "application/vnd.shop+json",
    ] {
        shop.send(&orders().header("content-type", media_type).body(order())).expect(201);
    }
}

#[test]
fn no_media_type_or_another_is_a_415() {
    let shop = Shop::start();
    for media_type in [
        "text/plain",
        "text/json",
        "application/jsonx",
        "application/x-www-form-urlencoded",
        "json",
        "",
        "application/merge-patch",
    ] {
        let answer = shop.send(&orders().header("content-type", media_type).body(order()));
        answer.is_problem(415, "unsupported-media-type", &[]);
    }
    shop.send(&orders().body(order())).is_problem(415, "unsupported-media-type", &[]);
    shop.send(&orders()).is_problem(415, "unsupported-media-type", &[]);
}

#[test]
fn a_body_of_one_mebibyte_is_taken_and_one_byte_more_is_a_413() {
    let shop = Shop::start();
    let mut body = order().into_bytes();
    body.resize(MIB, b' ');
    shop.send(&orders().raw_json(body.clone())).expect(201);
    body.push(b' ');
    shop.send(&orders().raw_json(body)).is_problem(413, "content-too-large", &[]);
}

#[test]
fn a_body_of_no_stated_length_is_cut_at_the_same_limit() {
    let shop = Shop::start();
    let chunk = [b"10000\r\n".to_vec(), vec![b' '; 1 << 16], b"\r\n".to_vec()].concat();
    for (chunks, status) in [(15, 201), (17, 413)] {
        let mut connection: Connection = shop.connect();
        let head = orders().header("content-type", "application/json").header("transfer-encoding", "chunked");
        connection.write(&head.to_bytes());
        for _ in 0..chunks {
            connection.write(&chunk);
        }
        let text = order();
        connection.write(format!("{:x}\r\n{text}\r\n0\r\n\r\n", text.len()).as_bytes());
        let answer = connection.read().unwrap().expect(status);
        answer.check(&head);
    }
}

#[test]
fn a_body_that_is_too_large_by_its_own_word_is_refused_before_it_is_sent() {
    let shop = Shop::start();
    let mut connection = shop.connect();
    let head = orders().header("content-type", "application/json").header("content-length", "999999999999");
    connection.write(&head.head_bytes());
    let answer = connection.read().unwrap();
    answer.check(&head);
    answer.is_problem(413, "content-too-large", &[]);
}

#[test]
fn what_is_no_json_is_a_400() {
    let shop = Shop::start();
    for body in ["", " ", "{", "{\"customer\":}", "nul", "[1,]", "{}x", "{'a':1}", "NaN", "01", "\"\\x\"", "\u{feff}{}"]
    {
        shop.send(&orders().raw_json(body)).is_problem(400, "malformed-body", &[]);
    }
}

#[test]
fn what_is_no_utf_8_is_a_400() {
    let shop = Shop::start();
    for bytes in [&b"\xff"[..], b"\xc3\x28", b"\xed\xa0\x80", b"\xf5\x80\x80\x80"] {
        let body = [b"{\"customer\":\"", bytes, b"\",\"lines\":[]}"].concat();
        shop.send(&orders().raw_json(body)).is_problem(400, "malformed-body", &[]);
    }
    let utf16: Vec<u8> = order().encode_utf16().flat_map(u16::to_le_bytes).collect();
    shop.send(&orders().raw_json(utf16)).is_problem(400, "malformed-body", &[]);
}

#[test]
fn nesting_of_128_is_read_and_of_129_is_a_400() {
    let shop = Shop::start();
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    shop.send(&orders().raw_json(nested(128))).is_problem(422, "invalid-input", &["# type"]);
    shop.send(&orders().raw_json(nested(129))).is_problem(400, "malformed-body", &[]);
    shop.send(&orders().raw_json(nested(500_000))).is_problem(400, "malformed-body", &[]);
    // Also deep inside an unknown member.
    let extra = |depth| format!("{{\"extra\":{}}}", nested(depth));
    shop.send(&orders().raw_json(extra(127))).expect(422);
    shop.send(&orders().raw_json(extra(128))).is_problem(400, "malformed-body", &[]);
}

#[test]
fn json_that_is_no_order_is_a_422() {
    let shop = Shop::start();
    for body in ["[]", "7", "null", "\"text\"", "true"] {
        shop.send(&orders().raw_json(body)).is_problem(422, "invalid-input", &["# type"]);
    }
}
