use buttress::Payload;
use serde::Deserialize;

#[derive(Deserialize, Payload)]
struct Customer {
    #[validate(email)]
    contact: u64,
}

fn main() {}
