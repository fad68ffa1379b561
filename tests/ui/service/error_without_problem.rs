use buttress::handler::service;
use tower::ServiceExt;

#[derive(Debug)]
struct OutOfStock;

#[buttress::handler]
async fn create() -> Result<(), OutOfStock> {
    Err(OutOfStock)
}

fn main() {
    let _ = service(create, ()).oneshot(http::Request::new(String::new()));
}
