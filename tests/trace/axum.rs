//! In axum the layers are around each route, where the matched template is known.

use axum::Router;
use axum::extract::MatchedPath;
use axum::routing::get;
use buttress::layer::{ProblemsLayer, TraceLayer};
use http::{Extensions, Request};
use http_body_util::BodyExt;
use tower::ServiceExt;

use crate::capture::Capture;

fn matched_path(extensions: &Extensions) -> Option<&str> {
    extensions.get().map(MatchedPath::as_str)
}

#[tokio::test]
async fn the_template_that_axum_matched_names_the_span() {
    let capture = Capture::new();
    let app = Router::new()
        .route("/v1/orders/{id}", get(async || "an order"))
        .layer(ProblemsLayer::new())
        .layer(TraceLayer::new().route_from(matched_path));
    let request = Request::get("/v1/orders/secret").body(axum::body::Body::empty()).unwrap();
    app.oneshot(request).await.unwrap().into_body().collect().await.unwrap();
    assert_eq!(capture.seen().spans[0].fields["otel.name"], "GET /v1/orders/{id}");
    assert!(!capture.text().contains("secret"));
}
