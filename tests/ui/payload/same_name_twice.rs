use buttress::Payload;
use serde::Deserialize;

#[derive(Deserialize, Payload)]
#[serde(rename_all = "camelCase")]
struct Order {
    customer_id: u64,
    #[serde(default, alias = "customerId")]
    customer: u64,
}

fn main() {}
