use std::sync::Arc;

use buttress::State;

struct Orders;

#[derive(Clone)]
struct Shop;

#[buttress::handler(axum, state = Shop)]
async fn create(State(_): State<Arc<Orders>>) {}

fn main() {
    let _: axum::Router = axum::Router::new().route("/orders", axum::routing::post(create)).with_state(Shop);
}
