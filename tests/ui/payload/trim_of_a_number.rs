use buttress::Payload;
use serde::Deserialize;

#[derive(Deserialize, Payload)]
struct Line {
    #[payload(trim)]
    quantity: u32,
}

fn main() {}
