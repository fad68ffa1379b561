#[derive(Debug)]
struct OutOfStock;

#[buttress::handler(axum)]
async fn create() -> Result<(), OutOfStock> {
    Err(OutOfStock)
}

fn main() {
    let _: axum::Router = axum::Router::new().route("/orders", axum::routing::post(create));
}
