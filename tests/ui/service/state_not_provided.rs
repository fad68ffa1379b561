use std::sync::Arc;

use buttress::exchange::{State, service};

struct Orders;

#[derive(Clone)]
struct Shop;

async fn create(State(_): State<Arc<Orders>>) {}

fn main() {
    let _ = service(create, Shop);
}
