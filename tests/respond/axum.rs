use axum::Router;
use axum::body::Body;
use axum::routing::{get, post};
use buttress::adapter::axum::On;
use buttress::page::Page;
use buttress::respond::{Created, NoContent, Preconditions, Versioned};
use buttress::{EntityTag, Json, Problem};
use http::{Request, StatusCode};
use tower::ServiceExt;

use crate::Unserialisable;

async fn show(preconditions: Preconditions) -> Result<Versioned<Json<u8>>, Problem> {
    Ok(Versioned::new(EntityTag::version(7), Json(1)).preconditions(preconditions))
}

async fn change(preconditions: Preconditions) -> Result<NoContent, Problem> {
    preconditions.require(&EntityTag::version(7))?;
    Ok(NoContent)
}

async fn create() -> Versioned<Created<Json<u8>>> {
    Versioned::new(EntityTag::version(1), Created::at("/things/1", Json(1)))
}

async fn list() -> Result<Page<u8>, Problem> {
    Ok(Page::new(vec![1, 2], None))
}

async fn broken() -> (StatusCode, Json<Unserialisable>) {
    (StatusCode::CREATED, Json(Unserialisable))
}

fn app() -> Router {
    Router::new()
        .route("/things/1", get(show).patch(change))
        .route("/things", post(create).get(list))
        .route("/broken", get(broken))
}

#[tokio::test]
async fn every_answer_is_one_of_axum() {
    for (method, path, header, status) in [
        ("GET", "/things/1", ("x", "x"), 200),
        ("GET", "/things/1", ("if-none-match", "\"7\""), 304),
        ("HEAD", "/things/1", ("if-none-match", "W/\"7\""), 304),
        ("PATCH", "/things/1", ("x", "x"), 428),
        ("PATCH", "/things/1", ("if-match", "\"6\""), 412),
        ("PATCH", "/things/1", ("if-match", "\"7\""), 204),
        ("POST", "/things", ("x", "x"), 201),
        ("GET", "/things", ("x", "x"), 200),
    ] {
        let request = Request::builder().method(method).uri(path).header(header.0, header.1);
        let response = app().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(response.status(), status, "{method} {path} {header:?}");
    }
}

/// Inside axum's own tuple, the status is set last, over that of the problem. The layer finds the problem.
#[cfg(feature = "layer")]
#[tokio::test]
async fn a_failed_answer_inside_a_tuple_of_axum_is_found_by_the_layer() {
    let app = app().layer(buttress::layer::ProblemsLayer::new());
    let response = app.oneshot(Request::get("/broken").body(Body::empty()).unwrap()).await.unwrap();
    assert_eq!(response.status(), 500);
}

#[tokio::test]
async fn a_handler_of_ours_needs_no_layer_for_that() {
    let app = Router::new().route("/broken", get(On(broken)));
    let response = app.oneshot(Request::get("/broken").body(Body::empty()).unwrap()).await.unwrap();
    assert_eq!(response.status(), 500);
}
