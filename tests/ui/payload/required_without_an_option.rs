use buttress::Payload;
use serde::Deserialize;

#[derive(Deserialize, Payload)]
struct Account {
    #[validate(required)]
    name: String,
}

fn main() {}
