use buttress::handler::service;
use http::Request;

#[derive(Debug, thiserror::Error)]
#[error("out of stock")]
struct OutOfStock;

async fn order() -> Result<String, OutOfStock> {
    Err(OutOfStock)
}

fn main() {
    let _ = tower::ServiceExt::oneshot(service(order, ()), Request::new(String::new()));
}
