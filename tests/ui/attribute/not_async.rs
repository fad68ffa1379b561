#[buttress::handler]
fn create() {}

fn main() {}
