use buttress::handler::unboxed;
use http::{Method, Request};

async fn order(_: Request<String>, _: Method) {}

fn main() {
    let _ = unboxed::<_, _, _, String>(order, ());
}
