use buttress::Payload;
use serde::Deserialize;

#[derive(Deserialize, Payload)]
struct Order {
    #[validate(length(min = 64, max = 1))]
    customer: String,
    #[validate(length(equal = 3, max = 4))]
    currency: String,
    #[validate(length)]
    note: String,
    #[validate(range(min = 1, exclusive_min = 0))]
    total: u64,
}

fn main() {}
