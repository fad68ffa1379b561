use buttress::handler::service;
use buttress::{Json, Payload};
use tower::ServiceExt;

#[derive(serde::Deserialize, Payload)]
struct NewOrder {
    #[allow(dead_code)]
    customer: String,
}

#[buttress::handler]
async fn create(Json(_): Json<NewOrder>, Json(_): Json<NewOrder>) {}

fn main() {
    let _ = service(create, ()).oneshot(http::Request::new(String::new()));
}
