//! tower-http's CORS around all layers: only with these headers does a browser show a failure to its script.

use crate::client::{self, Protocol};
use crate::log::LOG;
use crate::rows;
use crate::server::{Host, Server};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_failure_says_which_origins_may_read_it() {
    LOG.start();
    for host in Host::ALL {
        for protocol in [Protocol::Http1, Protocol::Http2] {
            let (patient, hasty) = (Server::with_cors(host).await, Server::hasty_with_cors(host).await);
            let quick = rows::all().filter(|row| row.on.is_none_or(|only| only == host.framework));
            for (server, row) in
                quick.map(|row| (&patient, row)).chain(rows::slow().into_iter().map(|row| (&hasty, row)))
            {
                let request = row.request.clone().with_headers(&[("origin", "https://app.example")]);
                let answer = client::send(server, protocol, &request).await;
                assert_eq!(answer.status, row.status, "{host:?} {protocol:?} {}: {answer:?}", row.name);
                let allowed = answer.header("access-control-allow-origin");
                assert_eq!(allowed, Some("*"), "{host:?} {protocol:?} {}: {answer:?}", row.name);
            }
        }
    }
}

/// CORS answers the preflight itself, with the default body of the layers' body types.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_preflight_is_answered_in_front_of_the_layers() {
    LOG.start();
    let asks = [("origin", "https://app.example"), ("access-control-request-method", "POST")];
    for host in Host::ALL {
        for protocol in [Protocol::Http1, Protocol::Http2] {
            let server = Server::with_cors(host).await;
            let request = rows::get("/orders").with_method("OPTIONS").with_headers(&asks);
            let answer = client::send(&server, protocol, &request).await;
            assert_eq!((answer.status, &*answer.body), (200, &b""[..]), "{host:?} {protocol:?} {answer:?}");
            assert_eq!(answer.header("access-control-allow-origin"), Some("*"), "{host:?} {protocol:?} {answer:?}");
            assert!(answer.header("x-request-id").is_none(), "no layer of ours has seen it");
        }
    }
}
