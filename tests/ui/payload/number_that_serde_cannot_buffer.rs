use std::collections::HashMap;

use buttress::Payload;
use serde::Deserialize;

#[derive(Deserialize, Payload)]
#[serde(untagged)]
enum Amount {
    Wide(u128),
    Named { amount: Option<i128> },
}

#[derive(Deserialize, Payload)]
#[serde(tag = "kind")]
enum Event {
    Counted {
        #[payload(leaf)]
        by_number: HashMap<u32, String>,
    },
}

fn main() {}
