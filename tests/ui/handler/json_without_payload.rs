use buttress::Json;
use buttress::body::Body;
use buttress::handler::unboxed;

#[derive(serde::Deserialize)]
struct NewOrder {
    #[allow(dead_code)]
    customer: String,
}

async fn create(Json(_): Json<NewOrder>) {}

fn main() {
    let _ = unboxed::<_, _, _, Body>(create, ());
}
