use buttress::Payload;
use serde::Deserialize;

#[derive(Deserialize, Payload)]
struct Line {
    #[validate(range(min = 0, max = 1))]
    weight: f64,
}

fn main() {}
