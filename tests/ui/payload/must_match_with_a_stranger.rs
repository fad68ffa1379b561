use buttress::Payload;
use serde::Deserialize;

#[derive(Deserialize, Payload)]
struct Account {
    password: String,
    #[validate(must_match(other = pasword))]
    again: String,
}

fn main() {}
