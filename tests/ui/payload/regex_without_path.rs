use buttress::Payload;
use serde::Deserialize;

#[derive(Deserialize, Payload)]
struct Line {
    #[validate(regex(code = "sku"))]
    sku: String,
    #[validate(regex = "^[A-Z]+$")]
    colour: String,
}

fn main() {}
