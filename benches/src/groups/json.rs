//! A whole axum request: a JSON body is read, checked, and answered with 204; then the same for refused bodies.

use std::hint::black_box;

use axum::Router;
use axum::body::Body;
use axum::routing::post;
use buttress::Json;
use buttress::payload::{Payload, ValidationContext};
use buttress::violation::InputPath;
use http::{Request, StatusCode};
use http_body_util::BodyExt;
use tower::ServiceExt;
use validator::Validate;

use super::order::{self, Order, OrderWithoutEmail, PeerOrder, VALID};
use super::{Contestant, Group, contestant, now};

pub fn groups() -> Vec<Group> {
    let mut groups = vec![valid()];
    groups.extend(rejections());
    groups
}

fn valid() -> Group {
    Group {
        name: "valid JSON",
        about: "424 bytes of nested order with an e-mail address, a whole axum request. regex's fast engines are on for all: the `payload` feature turns them on for the whole build.",
        net: false,
        waits: false,
        contestants: vec![
            contestant("floor: from_slice, no HTTP", || {
                Box::new(|| drop(black_box(serde_json::from_slice::<PeerOrder>(VALID.as_bytes()))))
            }),
            contestant("floor: from_slice and validator, no HTTP", || {
                Box::new(|| {
                    let order: PeerOrder = serde_json::from_slice(VALID.as_bytes()).expect("reads");
                    black_box(order.validate()).expect("holds");
                    drop(black_box(order));
                })
            }),
            contestant("the rules alone: validator", || {
                let order: PeerOrder = serde_json::from_slice(VALID.as_bytes()).expect("reads");
                Box::new(move || black_box(&order).validate().expect("holds"))
            }),
            contestant("the rules alone: buttress", || {
                let order: Order = serde_json::from_slice(VALID.as_bytes()).expect("reads");
                Box::new(move || rules(&order))
            }),
            contestant("the rules alone: buttress, no e-mail rule", || {
                let order: OrderWithoutEmail = serde_json::from_slice(VALID.as_bytes()).expect("reads");
                Box::new(move || rules(&order))
            }),
            contestant("peer: axum::Json, not validated", || request(peer_unchecked(), VALID.to_owned(), 204)),
            contestant("peer: axum-valid", || request(peer(), VALID.to_owned(), 204)),
            contestant("buttress::Json", || request(ours(), VALID.to_owned(), 204)),
            contestant("buttress::Json, no e-mail rule", || request(ours_without_email(), VALID.to_owned(), 204)),
        ],
    }
}

fn rejections() -> [Group; 3] {
    [
        rejection(
            "400 syntax",
            "The body ends in the middle.",
            [
                contestant("peer: axum-valid", || request(peer(), order::cut().to_owned(), 400)),
                contestant("buttress::Json", || request(ours(), order::cut().to_owned(), 400)),
            ],
        ),
        rejection(
            "422 type",
            "A string where a number belongs.",
            [
                contestant("peer: axum-valid", || request(peer(), order::wrong_type(), 422)),
                contestant("buttress::Json", || request(ours(), order::wrong_type(), 422)),
            ],
        ),
        rejection(
            "422 rules",
            "Three rules are broken; ours names all three places, with codes and limits.",
            [
                contestant("peer: axum-valid", || request(peer(), order::wrong_values(), 400)),
                contestant("buttress::Json", || request(ours(), order::wrong_values(), 422)),
            ],
        ),
    ]
}

fn rejection(name: &'static str, about: &'static str, contestants: [Contestant; 2]) -> Group {
    Group { name, about, net: false, waits: false, contestants: contestants.into() }
}

fn peer_unchecked() -> Router {
    async fn create(axum::Json(order): axum::Json<PeerOrder>) -> StatusCode {
        black_box(order);
        StatusCode::NO_CONTENT
    }
    Router::new().route("/", post(create))
}

fn peer() -> Router {
    async fn create(axum_valid::Valid(axum::Json(order)): axum_valid::Valid<axum::Json<PeerOrder>>) -> StatusCode {
        black_box(order);
        StatusCode::NO_CONTENT
    }
    Router::new().route("/", post(create))
}

fn ours() -> Router {
    async fn create(Json(order): Json<Order>) -> StatusCode {
        black_box(order);
        StatusCode::NO_CONTENT
    }
    Router::new().route("/", post(create))
}

fn ours_without_email() -> Router {
    async fn create(Json(order): Json<OrderWithoutEmail>) -> StatusCode {
        black_box(order);
        StatusCode::NO_CONTENT
    }
    Router::new().route("/", post(create))
}

/// Checks the rules of a value that was read before.
fn rules<T: Payload>(order: &T) {
    let mut check = ValidationContext::new();
    black_box(order).rules(&InputPath::body(), &mut check);
    assert!(black_box(check).violations().is_empty());
}

/// One request, whose response is read to the end.
fn request(router: Router, body: String, expected: u16) -> Box<dyn FnMut()> {
    let body = bytes::Bytes::from(body);
    Box::new(move || {
        let request = Request::post("/")
            .header("content-type", "application/json")
            .body(Body::from(body.clone()))
            .expect("a request");
        let response = now(router.clone().oneshot(request)).expect("infallible");
        assert_eq!(response.status(), expected);
        drop(black_box(now(response.into_body().collect())));
    })
}
