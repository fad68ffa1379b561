use buttress::Body;
use buttress::handler::{Json, unboxed};

#[derive(serde::Deserialize)]
struct NewOrder {
    #[allow(dead_code)]
    customer: String,
}

async fn create(Json(_): Json<NewOrder>) {}

fn main() {
    let _ = unboxed::<_, _, _, Body>(create, ());
}
