use buttress::Json;

#[derive(serde::Deserialize)]
struct NewOrder {
    #[allow(dead_code)]
    customer: String,
}

async fn create(Json(_): Json<NewOrder>) {}

fn main() {
    let _: axum::Router = axum::Router::new().route("/orders", axum::routing::post(create));
}
