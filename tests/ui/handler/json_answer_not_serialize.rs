use buttress::handler::{Json, unboxed};

struct Order;

async fn order() -> Json<Order> {
    Json(Order)
}

fn main() {
    let _ = unboxed::<_, _, _, String>(order, ());
}
