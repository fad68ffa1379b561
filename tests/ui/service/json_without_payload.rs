use buttress::exchange::{Json, service};

#[derive(serde::Deserialize)]
struct NewOrder {
    #[allow(dead_code)]
    customer: String,
}

async fn create(Json(_): Json<NewOrder>) {}

fn main() {
    let _ = service(create, ());
}
