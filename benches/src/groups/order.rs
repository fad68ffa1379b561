//! The order that all JSON contestants read: 424 bytes, nested, with an e-mail address.

use serde::{Deserialize, Serialize};
use validator::Validate;

/// A valid order of 424 bytes.
pub const VALID: &str = concat!(
    r#"{"customer":"Ann Example","email":"ann@example.com","note":"Please ring.","#,
    r#""shipTo":{"street":"1 Long Street","city":"Springfield","zip":"12345","country":"US"},"lines":["#,
    r#"{"sku":"MUG-001","quantity":2,"unitPrice":1250,"comment":"gift wrap"},"#,
    r#"{"sku":"TEE-002","quantity":1,"unitPrice":2400,"comment":"size L"},"#,
    r#"{"sku":"PIN-003","quantity":12,"unitPrice":300,"comment":"any colour"}],"#,
    r#""currency":"EUR","priority":3,"express":false}"#,
);

/// Not JSON: cut in the middle.
pub fn cut() -> &'static str {
    &VALID[..VALID.len() / 2]
}

/// A string where a number belongs.
pub fn wrong_type() -> String {
    VALID.replace(r#""quantity":1,"#, r#""quantity":"1","#)
}

/// Three rules broken.
pub fn wrong_values() -> String {
    VALID.replace("Ann Example", "").replace(r#""quantity":12"#, r#""quantity":0"#).replace("ann@example.com", "ann")
}

macro_rules! order {
    ($order:ident, $address:ident, $line:ident, $($derive:path),*; $($email:tt)*) => {
        #[derive(Debug, Serialize, Deserialize, $($derive),*)]
        #[serde(rename_all = "camelCase", deny_unknown_fields)]
        #[allow(dead_code)]
        pub struct $order {
            #[validate(length(min = 1, max = 64))]
            pub customer: String,
            $($email)*
            pub email: String,
            #[validate(length(max = 500))]
            pub note: Option<String>,
            #[validate(nested)]
            pub ship_to: $address,
            #[validate(length(min = 1, max = 50), nested)]
            pub lines: Vec<$line>,
            #[validate(length(equal = 3))]
            pub currency: String,
            #[validate(range(min = 0, max = 9))]
            pub priority: u8,
            pub express: bool,
        }

        #[derive(Debug, Serialize, Deserialize, $($derive),*)]
        #[serde(rename_all = "camelCase", deny_unknown_fields)]
        #[allow(dead_code)]
        pub struct $address {
            #[validate(length(min = 1, max = 100))]
            pub street: String,
            #[validate(length(min = 1, max = 100))]
            pub city: String,
            #[validate(length(min = 3, max = 10))]
            pub zip: String,
            #[validate(length(equal = 2))]
            pub country: String,
        }

        #[derive(Debug, Serialize, Deserialize, $($derive),*)]
        #[serde(rename_all = "camelCase", deny_unknown_fields)]
        #[allow(dead_code)]
        pub struct $line {
            #[validate(length(min = 3, max = 32))]
            pub sku: String,
            #[validate(range(min = 1, max = 999))]
            pub quantity: u32,
            #[validate(range(min = 0, max = 100_000_000))]
            pub unit_price: u64,
            #[validate(length(max = 200))]
            pub comment: Option<String>,
        }
    };
}

order!(PeerOrder, PeerAddress, PeerLine, Validate; #[validate(email)]);
order!(Order, Address, Line, buttress::Payload; #[validate(email)]);
order!(OrderWithoutEmail, AddressWithoutEmail, LineWithoutEmail, buttress::Payload; #[validate(length(min = 3, max = 254))]);
