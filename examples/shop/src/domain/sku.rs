use std::fmt;

use buttress::Payload;
use buttress::payload::ValidationContext;
use buttress::violation::{InputPath, Violation};
use serde::{Deserialize, Serialize};

/// The stock-keeping unit that names a product: 3 to 32 of `A` to `Z`, `0` to `9` and `-`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Payload)]
#[serde(transparent)]
pub struct Sku(#[payload(trim, nfc, custom = is_sku)] String);

impl Sku {
    /// A sku that was checked before it was stored.
    pub fn stored(sku: String) -> Self {
        Self(sku)
    }

    /// The sku as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Sku {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn is_sku(text: &str, at: &InputPath<'_>, check: &mut ValidationContext<'_>) {
    let legal = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'-';
    if !(3..=32).contains(&text.len()) || !text.bytes().all(legal) {
        check.push(Violation::at(at, "pattern", "must be 3 to 32 of A to Z, 0 to 9 and -"));
    }
}
