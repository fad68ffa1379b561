use buttress::Payload;
use serde::Deserialize;

#[derive(Deserialize, Payload)]
struct Order {
    #[validate(range(min = 1, max = 64))]
    customer: String,
}

fn main() {}
