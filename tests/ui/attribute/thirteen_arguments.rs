use http::Method as M;

#[buttress::handler]
#[rustfmt::skip]
async fn create(_: M, _: M, _: M, _: M, _: M, _: M, _: M, _: M, _: M, _: M, _: M, _: M, _: M) {}

fn main() {}
