use buttress::Json;
use buttress::handler::service;
use tower::ServiceExt;

#[derive(serde::Deserialize)]
struct NewOrder {
    #[allow(dead_code)]
    customer: String,
}

#[buttress::handler]
async fn create(Json(_): Json<NewOrder>) {}

fn main() {
    let _ = service(create, ()).oneshot(http::Request::new(String::new()));
}
