//! A payload with every kind of member, for the targets that read one.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Every kind of member that a payload can have.
#[derive(Debug, Serialize, Deserialize, buttress::Payload)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[payload(trim)]
#[allow(dead_code)]
pub struct Everything {
    #[validate(length(min = 1, max = 8))]
    pub name: String,
    #[validate(range(min = 1, max = 999))]
    pub quantity: u32,
    pub ratio: Option<f64>,
    #[serde(default)]
    #[validate(length(max = 3))]
    pub kids: Vec<Everything>,
    #[serde(default)]
    pub by_key: BTreeMap<String, Small>,
    #[serde(default)]
    pub external: Option<External>,
    #[serde(default)]
    pub internal: Option<Internal>,
    #[serde(default)]
    pub pair: Option<(bool, char)>,
}

#[derive(Debug, Serialize, Deserialize, buttress::Payload)]
#[allow(dead_code)]
pub struct Small {
    #[serde(alias = "v")]
    #[validate(email)]
    pub value: Option<String>,
}

#[derive(Debug, Serialize, Deserialize, buttress::Payload)]
#[serde(rename_all = "kebab-case")]
#[allow(dead_code)]
pub enum External {
    Nothing,
    One(u8),
    Two(u8, String),
    Named { small: Small },
}

#[derive(Debug, Serialize, Deserialize, buttress::Payload)]
#[serde(tag = "kind", rename_all = "kebab-case")]
#[allow(dead_code)]
pub enum Internal {
    Nothing,
    Small(Small),
    Named { n: i64 },
}
