//! No log line of any crate contains a secret.

use bytes::Bytes;
use http_body_util::{BodyExt, Empty};
use hyper::client::conn::http2::handshake;
use hyper_util::rt::{TokioExecutor, TokioIo};

use crate::support::{Shop, Start, TOKEN, get, post, wait_until};

const CURSOR_KEY: &str = "cursor-key-that-nobody-may-read-0123456789";
const WRONG_TOKEN: &str = "wrong-token-that-may-be-one-elsewhere";

/// The same requests over HTTP/2, whose crate logs every frame.
fn ask_over_http_2(shop: &Shop) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let stream = tokio::net::TcpStream::connect(shop.addr).await.unwrap();
        let (mut sender, connection) = handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
        tokio::spawn(connection);
        for token in [TOKEN, WRONG_TOKEN] {
            let request = hyper::Request::post("http://shop.test/v1/products");
            let request = request.header("authorization", format!("Bearer {token}"));
            let response = sender.send_request(request.body(Empty::<Bytes>::new()).unwrap()).await.unwrap();
            assert!([401, 415].contains(&response.status().as_u16()), "{response:?}");
            response.into_body().collect().await.unwrap();
        }
    });
}

#[test]
fn at_trace_level_no_secret_is_in_the_log() {
    let shop = Start::new().set("RUST_LOG", "trace").set("SHOP_CURSOR_KEYS", format!("k:{CURSOR_KEY}")).run();
    for n in 0..3 {
        shop.stocked(&format!("NEW-{n}"), 1, 1);
        shop.ordered("ann", &format!("NEW-{n}"), 1);
    }
    shop.send(&post("/v1/products").header("authorization", format!("Bearer {WRONG_TOKEN}"))).expect(401);
    assert_eq!(shop.all("/v1/orders?limit=1").len(), 3);
    shop.send(&get("/v1/orders?cursor=k.forged")).expect(422);
    ask_over_http_2(&shop);
    let database = shop.database();
    let password = database.split_once("://").and_then(|(_, rest)| Some(rest.split_once('@')?.0.split_once(':')?.1));
    // Once the last line is logged, all earlier ones are.
    shop.terminate();
    wait_until(|| shop.printed().contains("stopping").then_some(()));
    let printed = shop.printed();
    assert!(printed.contains("TRACE") && printed.contains("h2::"), "it is not at trace level");
    for secret in [TOKEN, WRONG_TOKEN, CURSOR_KEY].into_iter().chain(password.filter(|password| password.len() > 3)) {
        let found = printed.lines().find(|line| line.contains(secret));
        assert!(found.is_none(), "{found:?}");
    }
}
