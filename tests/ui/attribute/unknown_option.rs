#[buttress::handler(hyper)]
async fn create() {}

fn main() {}
