use buttress::Json;
use buttress::handler::unboxed;

struct Order;

async fn order() -> Json<Order> {
    Json(Order)
}

fn main() {
    let _ = unboxed::<_, _, _, String>(order, ());
}
