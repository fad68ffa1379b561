use buttress::handler::{IntoResponse, Response};

struct Teapot;

impl IntoResponse for Teapot {
    fn into_response(self) -> Response {
        http::StatusCode::IM_A_TEAPOT.into_response()
    }
}

#[buttress::handler(axum)]
async fn create() -> Teapot {
    Teapot
}

fn main() {
    let _: axum::Router = axum::Router::new().route("/orders", axum::routing::post(create));
}
