use buttress::payload::rule::ValidationError;
use buttress::Payload;
use serde::Deserialize;

fn free(_: &str) -> Result<(), ValidationError> {
    Ok(())
}

#[derive(Deserialize, Payload)]
struct Account {
    #[validate(custom(function = free))]
    age: u8,
}

fn main() {}
