use std::rc::Rc;

#[buttress::handler(axum)]
async fn create() {
    let count = Rc::new(1);
    std::future::ready(()).await;
    drop(count);
}

fn main() {
    let _: axum::Router = axum::Router::new().route("/orders", axum::routing::post(create));
}
