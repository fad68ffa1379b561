use buttress::Payload;
use serde::Deserialize;

#[derive(Deserialize, Payload)]
struct Order {
    #[serde(flatten)]
    lines: Vec<u32>,
}

fn main() {}
