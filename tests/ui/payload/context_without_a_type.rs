use buttress::payload::rule::ValidationError;
use buttress::Payload;
use serde::Deserialize;

fn free(_: &String, _: &u8) -> Result<(), ValidationError> {
    Ok(())
}

#[derive(Deserialize, Payload)]
struct Account {
    #[validate(custom(function = free, use_context))]
    name: String,
}

fn main() {}
