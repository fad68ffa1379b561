use buttress::Json;
use buttress::body::Body;
use buttress::handler::unboxed;
use http::Method;

async fn create(Json(_): Json<u32>, _: Method) {}

fn main() {
    let _ = unboxed::<_, _, _, Body>(create, ());
}
