use std::sync::Arc;

use buttress::State;
use buttress::handler::unboxed;

struct Orders;

#[derive(Clone)]
struct Shop;

async fn order(State(_): State<Arc<Orders>>) {}

fn main() {
    let _ = unboxed::<_, _, _, String>(order, Shop);
}
