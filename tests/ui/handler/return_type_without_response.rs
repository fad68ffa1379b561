use buttress::handler::unboxed;

struct Order;

async fn order() -> Order {
    Order
}

fn main() {
    let _ = unboxed::<_, _, _, String>(order, ());
}
