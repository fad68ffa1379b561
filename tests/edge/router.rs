//! Features of axum's router only: nested parameters, whole handlers through `On`, matched routes.

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::middleware::from_extractor;
use axum::routing::get;
use buttress::Problem;
use buttress::adapter::axum::{On, matched_path};
use buttress::extract::{Path, Query};
use buttress::handler::{FromRequestParts, IntoResponse, PathParams, Response};
use http::request::Parts;
use tower::ServiceExt;

use super::inputs::Id;

async fn text(app: Router, path: &str) -> (u16, String) {
    let response = app.oneshot(Request::get(path).body(Body::empty()).unwrap()).await.unwrap();
    let status = response.status().as_u16();
    let body = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

/// Reads the path's parameters, in a layer around the inner router.
#[derive(Clone)]
struct Shelf;

impl<S: Sync> FromRequestParts<S> for Shelf {
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        match parts.extensions.get::<PathParams>().and_then(|params| params.get("shelf")) {
            Some(_) => Ok(Self),
            None => Err(Problem::not_found()),
        }
    }
}
buttress::adapt_parts!(Shelf);

#[tokio::test]
async fn a_nested_router_adds_its_parameters() {
    async fn both(_: Shelf, Path((shelf, place)): Path<(String, u32)>) -> String {
        format!("{place} on {shelf}")
    }
    let places = Router::new().route("/places/{place}", get(both));
    let app = Router::new().nest_service("/shelves/{shelf}", places).layer(from_extractor::<Shelf>());
    assert_eq!(text(app, "/shelves/up/places/3").await, (200, "3 on up".to_owned()));
}

#[tokio::test]
async fn a_whole_handler_becomes_axums() {
    struct Foreign(u32);
    impl IntoResponse for Foreign {
        fn into_response(self) -> Response {
            self.0.to_string().into_response()
        }
    }
    async fn double(Path(id): Path<Id>, _: http::Method) -> Foreign {
        Foreign(id.0 * 2)
    }
    let app = Router::new().route("/double/{id}", get(On(double)));
    assert_eq!(text(app.clone(), "/double/4").await, (200, "8".to_owned()));
    assert_eq!(text(app.clone(), "/double/0").await.0, 422);
    assert_eq!(text(app, "/double/%FF").await.0, 404);
}

#[tokio::test]
async fn the_matched_route_is_known() {
    async fn route(request: Request) -> String {
        matched_path(request.extensions()).unwrap_or_default().to_owned()
    }
    let app = Router::new().nest("/v1", Router::new().route("/items/{id}", get(route)));
    assert_eq!(text(app, "/v1/items/7").await, (200, "/v1/items/{id}".to_owned()));
    assert_eq!(matched_path(&http::Extensions::new()), None);
}

#[tokio::test]
async fn a_route_without_parameters_has_none_to_read() {
    async fn read(Path(id): Path<Id>) -> String {
        id.0.to_string()
    }
    async fn query(query: Result<Query<Vec<u32>>, Problem>) -> u16 {
        query.map_or_else(|problem| problem.status().as_u16(), |_| 200)
    }
    let app = Router::new()
        .route("/", get(read))
        .route("/list", get(|query_: Result<_, _>| async { query(query_).await.to_string() }));
    assert_eq!(text(app.clone(), "/").await.0, 500);
    assert_eq!(text(app, "/list?a=1").await.1, "422");
}
