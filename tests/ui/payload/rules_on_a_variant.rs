use buttress::Payload;
use serde::Deserialize;

#[derive(Deserialize, Payload)]
enum Payment {
    #[validate(nested)]
    Card(String),
}

fn main() {}
