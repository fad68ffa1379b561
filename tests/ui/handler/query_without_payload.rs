use buttress::handler::unboxed;
use buttress::extract::Query;
use http::Method;

#[derive(serde::Deserialize)]
struct Filter {
    #[allow(dead_code)]
    customer: Option<String>,
}

async fn list(Query(_): Query<Filter>, _: Method) {}

fn main() {
    let _ = unboxed::<_, _, _, String>(list, ());
}
