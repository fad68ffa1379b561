use buttress::handler::unboxed;

struct Order;

async fn order(_: http::Method, _: Order, _: http::Uri) {}

async fn last(_: http::Method, _: Order) {}

fn main() {
    let _ = unboxed::<_, _, _, String>(order, ());
    let _ = unboxed::<_, _, _, String>(last, ());
}
