use buttress::handler::unboxed;
use http::Method;

#[rustfmt::skip]
async fn order(
    _: Method, _: Method, _: Method, _: Method, _: Method, _: Method, _: Method,
    _: Method, _: Method, _: Method, _: Method, _: Method, _: Method,
) {}

fn main() {
    let _ = unboxed::<_, _, _, String>(order, ());
}
