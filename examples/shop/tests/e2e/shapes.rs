//! Valid and invalid forms of HTTP/1.1: each gets the responses that RFC 9112 requires, and no more. A form that can be
//! read in two ways is answered at most once, and never by the request that hides in it.

use crate::support::Shop;

/// A request that hides in the body of another: a response to it would be a 405.
const HIDDEN: &str = "DELETE /v1/orders HTTP/1.1\r\nhost: a\r\n\r\n";

/// Sent after every form, so that the connection ends; a response to it is not counted.
const LAST: &str = "GET /the-last HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";

/// The statuses that a client reads if it writes these bytes and then its last request.
fn statuses(shop: &Shop, bytes: &str) -> Vec<u16> {
    let mut connection = shop.connect();
    connection.write(format!("{bytes}{LAST}").as_bytes());
    let answers = std::iter::from_fn(|| connection.read());
    answers.filter(|answer| !answer.text().contains("/the-last")).map(|answer| answer.status).collect()
}

/// Request lines. `GET /v1/products` is a 200, and a line that matches no route a 404.
const LINES: &[(&str, &[u16])] = &[
    ("GET /v1/products HTTP/1.1", &[200]),
    ("GET /v1/products HTTP/1.0", &[200]),
    ("GET /v1/products?limit=1 HTTP/1.1", &[200]),
    ("GET /v1/products? HTTP/1.1", &[200]),
    ("GET http://a/v1/products HTTP/1.1", &[200]),
    ("GET HTTP://A:80/v1/products HTTP/1.1", &[200]),
    ("GET /v1/%70roducts HTTP/1.1", &[404]),
    ("GET /v1//products HTTP/1.1", &[404]),
    ("GET /v1/products/ HTTP/1.1", &[404]),
    ("GET /v1/./products HTTP/1.1", &[404]),
    ("GET /v1/../v1/products HTTP/1.1", &[404]),
    ("GET / HTTP/1.1", &[404]),
    ("GET //v1/products HTTP/1.1", &[404]),
    ("GET /%00 HTTP/1.1", &[404]),
    ("GET /%zz HTTP/1.1", &[404]),
    ("OPTIONS * HTTP/1.1", &[404]),
    ("get /v1/products HTTP/1.1", &[405]),
    ("FOO /v1/products HTTP/1.1", &[405]),
    ("DELETE /v1/products HTTP/1.1", &[405]),
    ("TRACE /v1/products HTTP/1.1", &[405]),
    ("CONNECT a:80 HTTP/1.1", &[404]),
    ("GET  /v1/products HTTP/1.1", &[400]),
    ("GET /v1/products  HTTP/1.1", &[400]),
    (" GET /v1/products HTTP/1.1", &[400]),
    ("GET\t/v1/products\tHTTP/1.1", &[400]),
    ("GET /v1/pro ducts HTTP/1.1", &[400]),
    ("GET /v1/products", &[400]),
    ("GET /v1/products HTTP/1.1 ", &[400]),
    ("GET /v1/products HTTP/1", &[400]),
    ("GET /v1/products HTTP/1.2", &[400]),
    ("GET /v1/products HTTP/2.0", &[400]),
    ("GET /v1/products HTTP/0.9", &[400]),
    ("GET /v1/products http/1.1", &[400]),
    ("GET /v1/products HTTPS/1.1", &[400]),
    ("GET v1/products HTTP/1.1", &[400]),
    ("GET HTTP/1.1", &[400]),
    ("GET", &[400]),
    ("", &[400]),
    ("G\0T /v1/products HTTP/1.1", &[400]),
    ("GET /v1/\0 HTTP/1.1", &[400]),
    ("G(T /v1/products HTTP/1.1", &[400]),
];

/// Headers, sent beside `host` in a request that is valid without them.
const HEADERS: &[(&str, &[u16])] = &[
    ("x-a: b", &[200]),
    ("x-a:b", &[200]),
    ("x-a:   b\t ", &[200]),
    ("x-a:", &[200]),
    ("X-A: b\r\nx-a: c", &[200]),
    ("x-a: \u{e9}\u{4e16}", &[200]),
    ("x-!#$%&'*+-.^_`|~1: b", &[200]),
    ("connection: close", &[200]),
    ("connection: keep-alive, x-a", &[200]),
    ("connection: upgrade\r\nupgrade: websocket", &[200]),
    ("connection: upgrade\r\nupgrade: h2c\r\nhttp2-settings: AAMAAABkAAQAAP__", &[200]),
    ("expect: 100-continue", &[200]),
    ("te: trailers", &[200]),
    ("accept: text/html", &[200]),
    ("range: bytes=0-1", &[200]),
    ("content-length: 0", &[200]),
    ("x-a : b", &[400]),
    ("x a: b", &[400]),
    (" x-a: b", &[400]),
    ("x-a", &[400]),
    (": b", &[400]),
    ("x-a: b\r\n folded", &[400]),
    ("x-a: b\0c", &[400]),
    ("x-a: b\x01c", &[400]),
    ("x-a: b\rc", &[400]),
    ("x(a: b", &[400]),
    ("content-length: -1", &[400]),
    ("content-length: +0", &[400]),
    ("content-length: 0x0", &[400]),
    ("content-length: 0 0", &[400]),
    ("content-length: 99999999999999999999", &[400]),
    ("content-length: 0\r\ncontent-length: 1", &[400]),
    ("transfer-encoding: gzip", &[400]),
    ("transfer-encoding: chunked, gzip", &[400]),
    ("transfer-encoding: xchunked", &[400]),
];

/// Framings of the content `{}`, which is not an order: a 422 if it is read.
const BODIES: &[(&str, &str, &[u16])] = &[
    ("content-length: 2", "{}", &[422]),
    ("content-length: 2\r\ncontent-length: 2", "{}", &[422]),
    ("transfer-encoding: chunked", "2\r\n{}\r\n0\r\n\r\n", &[422]),
    ("transfer-encoding: Chunked", "2\r\n{}\r\n0\r\n\r\n", &[422]),
    ("transfer-encoding: chunked", "1\r\n{\r\n1\r\n}\r\n0\r\n\r\n", &[422]),
    ("transfer-encoding: chunked", "02;name=value\r\n{}\r\n0\r\n\r\n", &[422]),
    ("transfer-encoding: chunked", "2\r\n{}\r\n0\r\nx-trailer: y\r\n\r\n", &[422]),
    ("transfer-encoding: chunked", "2\r\n{}\r\n000\r\n\r\n", &[422]),
    ("transfer-encoding: chunked", "2\r\n{}x\r\n0\r\n\r\n", &[400]),
    ("transfer-encoding: chunked", "2\n{}\n0\n\n", &[400]),
    ("transfer-encoding: chunked", "-2\r\n{}\r\n0\r\n\r\n", &[400]),
    ("transfer-encoding: chunked", "g\r\n{}\r\n0\r\n\r\n", &[400]),
    ("transfer-encoding: chunked", "fffffffffffffffff\r\n{}\r\n0\r\n\r\n", &[400]),
    ("transfer-encoding: chunked", "\r\n{}\r\n0\r\n\r\n", &[400]),
];

#[track_caller]
fn check(shop: &Shop, name: &str, bytes: &str, expected: &[u16], wrong: &mut Vec<String>) {
    let found = statuses(shop, bytes);
    if found != expected {
        wrong.push(format!("{name:?}: {found:?}, not {expected:?}"));
    }
}

#[test]
fn each_shape_of_a_request_gets_its_answer() {
    let shop = Shop::start();
    let mut wrong = Vec::new();
    for (line, expected) in LINES {
        check(&shop, line, &format!("{line}\r\nhost: a\r\n\r\n"), expected, &mut wrong);
    }
    for (header, expected) in HEADERS {
        let bytes = format!("GET /v1/products HTTP/1.1\r\nhost: a\r\n{header}\r\n\r\n");
        check(&shop, header, &bytes, expected, &mut wrong);
    }
    for (framing, content, expected) in BODIES {
        let head = "POST /v1/orders HTTP/1.1\r\nhost: a\r\ncontent-type: application/json";
        let bytes = format!("{head}\r\n{framing}\r\n\r\n{content}");
        check(&shop, &format!("{framing} {content}"), &bytes, expected, &mut wrong);
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn nothing_that_hides_in_a_request_is_answered() {
    let shop = Shop::start();
    let length = HIDDEN.len();
    for (framing, content) in [
        (format!("content-length: {length}"), HIDDEN.to_owned()),
        (format!("content-length: {length}\r\ntransfer-encoding: chunked"), format!("0\r\n\r\n{HIDDEN}")),
        (format!("transfer-encoding: chunked\r\ncontent-length: {length}"), format!("0\r\n\r\n{HIDDEN}")),
        ("transfer-encoding: chunked\r\ntransfer-encoding: identity".into(), format!("0\r\n\r\n{HIDDEN}")),
        ("transfer-encoding:\x0bchunked".into(), format!("0\r\n\r\n{HIDDEN}")),
        ("transfer-encoding : chunked".into(), format!("0\r\n\r\n{HIDDEN}")),
        ("transfer-encoding: chunked".into(), format!("{length:x}\r\n{HIDDEN}\r\n0\r\n\r\n")),
        ("transfer-encoding: chunked".into(), format!("0;\n{HIDDEN}\r\n\r\n")),
        (format!("content-length: 0\r\ncontent-length: {length}"), HIDDEN.into()),
        (format!("content-length: 0, {length}"), HIDDEN.into()),
        (format!("x: y\rcontent-length: {length}"), HIDDEN.into()),
    ] {
        let head = "POST /v1/orders HTTP/1.1\r\nhost: a\r\ncontent-type: application/json";
        let found = statuses(&shop, &format!("{head}\r\n{framing}\r\n\r\n{content}"));
        assert!(!found.contains(&405), "{framing} {content}: {found:?}");
        assert!(found.len() <= 1 && found.iter().all(|status| *status < 500), "{framing} {content}: {found:?}");
    }
}

#[test]
fn requests_in_one_pipe_are_answered_in_their_order() {
    let shop = Shop::start();
    let pipe = "GET /v1/products HTTP/1.1\r\nhost: a\r\n\r\nGET /nothing HTTP/1.1\r\nhost: a\r\n\r\n\
                DELETE /v1/orders HTTP/1.1\r\nhost: a\r\n\r\n";
    assert_eq!(statuses(&shop, &pipe.repeat(50)), [200, 404, 405].repeat(50));
    let closing = pipe.replacen("/nothing HTTP/1.1\r\n", "/nothing HTTP/1.1\r\nconnection: close\r\n", 1);
    assert_eq!(statuses(&shop, &closing), [200, 404], "nothing follows a close");
}
