use async_trait::async_trait;
use sqlx::{FromRow, query, query_as};

use crate::domain::{Product, ProductDetails, Sku};
use crate::repositories::{ProductRepository, Session, StoreError};

/// Products in SQLite.
#[derive(Debug, Clone, Copy, Default)]
pub struct SqliteProducts;

#[async_trait]
impl ProductRepository for SqliteProducts {
    async fn get(&self, session: &mut Session, sku: &Sku) -> Result<Option<Product>, StoreError> {
        let select = query_as("SELECT sku, name, unit_price, stock, version FROM products WHERE sku = ?");
        let row: Option<ProductRow> = select.bind(sku.as_str()).fetch_optional(session.connection()).await?;
        Ok(row.map(Product::from))
    }

    async fn list(&self, session: &mut Session, after: Option<&Sku>, limit: u32) -> Result<Vec<Product>, StoreError> {
        // No sku is empty, so all come behind the empty one.
        let select =
            query_as("SELECT sku, name, unit_price, stock, version FROM products WHERE sku > ? ORDER BY sku LIMIT ?");
        let after = after.map_or("", Sku::as_str);
        let rows: Vec<ProductRow> = select.bind(after).bind(limit).fetch_all(session.connection()).await?;
        Ok(rows.into_iter().map(Product::from).collect())
    }

    async fn insert(&self, session: &mut Session, product: &Product) -> Result<bool, StoreError> {
        let insert = query(
            "INSERT INTO products (sku, name, unit_price, stock, version) VALUES (?, ?, ?, ?, ?)
             ON CONFLICT (sku) DO NOTHING",
        );
        let insert = insert.bind(product.sku.as_str()).bind(&product.details.name).bind(product.details.unit_price);
        let done = insert.bind(product.details.stock).bind(product.version).execute(session.connection()).await?;
        Ok(done.rows_affected() == 1)
    }

    async fn update(&self, session: &mut Session, product: &Product) -> Result<(), StoreError> {
        let update = query("UPDATE products SET name = ?, unit_price = ?, stock = ?, version = ? WHERE sku = ?");
        let update = update
            .bind(&product.details.name)
            .bind(product.details.unit_price)
            .bind(product.details.stock)
            .bind(product.version);
        update.bind(product.sku.as_str()).execute(session.connection()).await?;
        Ok(())
    }

    async fn take(&self, session: &mut Session, sku: &Sku, quantity: i64) -> Result<bool, StoreError> {
        let update =
            query("UPDATE products SET stock = stock - ?1, version = version + 1 WHERE sku = ?2 AND stock >= ?1");
        let done = update.bind(quantity).bind(sku.as_str()).execute(session.connection()).await?;
        Ok(done.rows_affected() == 1)
    }

    async fn put_back(&self, session: &mut Session, sku: &Sku, quantity: i64) -> Result<(), StoreError> {
        let update = query("UPDATE products SET stock = stock + ?, version = version + 1 WHERE sku = ?");
        update.bind(quantity).bind(sku.as_str()).execute(session.connection()).await?;
        Ok(())
    }
}

#[derive(FromRow)]
struct ProductRow {
    sku: String,
    name: String,
    unit_price: i64,
    stock: i64,
    version: i64,
}

impl From<ProductRow> for Product {
    fn from(row: ProductRow) -> Self {
        let ProductRow { sku, name, unit_price, stock, version } = row;
        Self { sku: Sku::stored(sku), details: ProductDetails { name, unit_price, stock }, version }
    }
}
