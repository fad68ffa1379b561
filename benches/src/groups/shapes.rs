//! Types that contain themselves, one for each way in which serde tells variants apart.

use serde::Deserialize;

#[derive(Deserialize, buttress::Payload)]
#[serde(untagged)]
#[allow(dead_code)]
pub enum Untagged {
    Not { not: Box<Untagged> },
    Flattened { flattened: Box<Flattened> },
    All { all: Vec<Untagged> },
    Is { is: u8 },
}

#[derive(Deserialize, buttress::Payload)]
#[allow(dead_code)]
pub struct Flattened {
    name: Option<String>,
    #[serde(flatten)]
    rest: Untagged,
}

#[derive(Deserialize, buttress::Payload)]
#[serde(rename_all = "lowercase")]
#[allow(dead_code)]
pub enum External {
    Not(Box<External>),
    All(Vec<External>),
    #[serde(untagged)]
    Is {
        is: u8,
    },
}

#[derive(Deserialize, buttress::Payload)]
#[serde(tag = "kind", rename_all = "lowercase")]
#[allow(dead_code)]
pub enum Internal {
    Not { not: Box<Internal> },
    All { all: Vec<Internal> },
    Is { is: u8 },
}

#[derive(Deserialize, buttress::Payload)]
#[serde(tag = "kind", content = "of", rename_all = "lowercase")]
#[allow(dead_code)]
pub enum Adjacent {
    Not(Box<Adjacent>),
    All(Vec<Adjacent>),
    Is(u8),
}

#[derive(Deserialize, buttress::Payload)]
#[allow(dead_code)]
pub struct Tree {
    #[validate(range(max = 9))]
    n: u8,
    #[serde(default)]
    #[validate(length(max = 100_000))]
    kids: Vec<Tree>,
}

/// Numbers in lists: nothing but small parts.
#[derive(Deserialize, buttress::Payload)]
#[allow(dead_code)]
pub struct Lists(Vec<Vec<u8>>);
