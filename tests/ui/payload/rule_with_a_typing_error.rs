use buttress::Payload;
use serde::Deserialize;

#[derive(Deserialize, Payload)]
struct Order {
    #[validate(lenght(min = 1), range(mim = 1))]
    customer: String,
    #[payload(trimm)]
    note: String,
}

fn main() {}
