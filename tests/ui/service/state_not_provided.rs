use std::sync::Arc;

use buttress::State;
use buttress::handler::service;
use tower::ServiceExt;

struct Orders;

#[derive(Clone)]
struct Shop;

#[buttress::handler(state = Shop)]
async fn create(State(_): State<Arc<Orders>>) {}

fn main() {
    let _ = service(create, Shop).oneshot(http::Request::new(String::new()));
}
