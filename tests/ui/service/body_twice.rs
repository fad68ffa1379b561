use buttress::Payload;
use buttress::exchange::{Json, service};

#[derive(serde::Deserialize, Payload)]
struct NewOrder {
    #[allow(dead_code)]
    customer: String,
}

async fn create(Json(_): Json<NewOrder>, Json(_): Json<NewOrder>) {}

fn main() {
    let _ = service(create, ());
}
