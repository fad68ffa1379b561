use buttress::Payload;
use serde::Deserialize;

#[derive(Deserialize, Payload)]
struct Order<'a> {
    customer: &'a str,
}

fn main() {}
