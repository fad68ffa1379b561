//! The initial contents of an empty shop.

use crate::domain::{Product, ProductDetails, Sku};

/// The products of a new shop.
pub fn products() -> Vec<Product> {
    [("MUG-001", "Mug", 1250, 100), ("TEE-002", "Tee", 2400, 50), ("PIN-003", "Pin", 300, 0)]
        .map(|(sku, name, unit_price, stock)| Product {
            sku: Sku::stored(sku.to_owned()),
            details: ProductDetails { name: name.to_owned(), unit_price, stock },
            version: 1,
        })
        .into()
}
