use buttress::Payload;
use serde::Deserialize;

#[derive(Deserialize, Payload)]
struct Line {
    #[validate(length(min = 1, max = 999))]
    quantity: u32,
}

fn main() {}
