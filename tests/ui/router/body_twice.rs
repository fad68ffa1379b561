use buttress::{Json, Payload};

#[derive(serde::Deserialize, Payload)]
struct NewOrder {
    #[allow(dead_code)]
    customer: String,
}

#[buttress::handler(axum)]
async fn create(Json(_): Json<NewOrder>, Json(_): Json<NewOrder>) {}

fn main() {
    let _: axum::Router = axum::Router::new().route("/orders", axum::routing::post(create));
}
