use buttress::Payload;
use serde::{Deserialize, Serialize};

use super::Sku;

/// Something that the shop sells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Product {
    pub sku: Sku,
    #[serde(flatten)]
    pub details: ProductDetails,
    /// The number of changes, plus one.
    #[serde(skip)]
    pub version: i64,
}

/// The part of a product that can be changed. Money is in minor units.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Payload)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ProductDetails {
    #[payload(trim, nfc)]
    #[validate(length(min = 1, max = 100))]
    pub name: String,
    #[validate(range(min = 0, max = 100_000_000))]
    pub unit_price: i64,
    #[validate(range(min = 0, max = MAX_STOCK))]
    pub stock: i64,
}

/// The largest stock of a product.
pub const MAX_STOCK: i64 = 1_000_000;

/// The request to add a product.
#[derive(Debug, Clone, Deserialize, Payload)]
#[serde(deny_unknown_fields)]
pub struct NewProduct {
    pub sku: Sku,
    #[serde(flatten)]
    pub details: ProductDetails,
}

impl From<NewProduct> for Product {
    fn from(new: NewProduct) -> Self {
        Self { sku: new.sku, details: new.details, version: 1 }
    }
}
