use buttress::Body;
use buttress::handler::{Json, unboxed};
use http::Method;

async fn create(Json(_): Json<u32>, _: Method) {}

fn main() {
    let _ = unboxed::<_, _, _, Body>(create, ());
}
