//! The same shop over HTTP/2.

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http2::{SendRequest, handshake};
use hyper_util::rt::{TokioExecutor, TokioIo};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::runtime::Runtime;

use crate::support::{Shop, rounds};

type Sender = SendRequest<Full<Bytes>>;

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

async fn connect(shop: &Shop) -> Sender {
    let stream = TcpStream::connect(shop.addr).await.unwrap();
    let (sender, connection) = handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    sender
}

fn order(quantity: i64) -> hyper::Request<Full<Bytes>> {
    let body = json!({"customer": "ann", "lines": [{"sku": "LAST-1", "quantity": quantity}]});
    let request = hyper::Request::post("http://shop.test/v1/orders").header("content-type", "application/json");
    request.body(Full::from(body.to_string())).unwrap()
}

#[test]
fn many_requests_over_one_connection_are_answered_each_for_itself() {
    let shop = Shop::start();
    shop.stocked("LAST-1", 1, 10);
    let answers = runtime().block_on(async {
        let sender = connect(&shop).await;
        let buyers: Vec<_> = (0..30)
            .map(|_| {
                let mut sender = sender.clone();
                tokio::spawn(async move {
                    let response = sender.send_request(order(1)).await.unwrap();
                    let id = response.headers()["x-request-id"].to_str().unwrap().to_owned();
                    let status = response.status().as_u16();
                    let body = response.into_body().collect().await.unwrap().to_bytes();
                    (status, id, serde_json::from_slice::<Value>(&body).unwrap())
                })
            })
            .collect();
        let mut answers = Vec::new();
        for buyer in buyers {
            answers.push(buyer.await.unwrap());
        }
        answers
    });
    assert_eq!(answers.iter().filter(|(status, ..)| *status == 201).count(), 10);
    for (status, id, body) in answers {
        assert!(status == 201 || (status == 409 && body["request_id"] == id), "{status} {body}");
    }
    assert_eq!(shop.stock("LAST-1"), 0);
}

#[test]
fn a_stream_that_is_reset_leaves_a_whole_order_or_none() {
    let shop = Shop::start();
    shop.stocked("LAST-1", 1, 100_000);
    runtime().block_on(async {
        let mut sender = connect(&shop).await;
        for round in 0..rounds(100) {
            let patience = std::time::Duration::from_micros((round as u64 * 97) % 4_000);
            // A request that times out is dropped, which resets the stream.
            let _ = tokio::time::timeout(patience, sender.send_request(order(1))).await;
        }
        sender.send_request(order(1)).await.unwrap();
    });
    crate::support::wait_until(|| {
        let (orders, left) = (shop.all("/v1/orders?limit=100").len(), shop.stock("LAST-1"));
        (i64::try_from(orders).unwrap() + left == 100_000).then_some(())
    });
}
