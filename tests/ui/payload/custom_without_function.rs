use buttress::Payload;
use serde::Deserialize;

#[derive(Deserialize, Payload)]
#[validate(schema(code = "order"))]
struct Account {
    #[validate(custom(code = "free"))]
    name: String,
}

fn main() {}
