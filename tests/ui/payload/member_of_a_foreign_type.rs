use buttress::Payload;
use serde::Deserialize;

#[derive(Deserialize)]
struct Money(u64);

#[derive(Deserialize, Payload)]
struct Order {
    total: Money,
}

fn main() {}
