use std::collections::BTreeSet;

use async_trait::async_trait;
use buttress::sql::{Row, Statement, sql};
use buttress::store::{Constraint, Constraints, Error, Session};

use crate::domain::{MAX_STOCK, Product, ProductDetails, Sku};
use crate::repositories::ProductRepository;

/// Products in an SQL database.
#[derive(Debug, Clone, Copy, Default)]
pub struct SqlProducts;

/// The primary key, by its names on PostgreSQL, MySQL and SQLite.
const SKU: Constraint =
    Constraint::new(&["products_pkey", "PRIMARY", "products.sku"], "/sku", "taken", "belongs to another product");
const PRODUCTS: Constraints = Constraints::new(&[SKU]);

const SELECT: &str = "SELECT sku, name, unit_price, stock, version FROM products WHERE sku = ?";

#[async_trait]
impl ProductRepository for SqlProducts {
    async fn get(&self, on: &mut Session, sku: &Sku) -> Result<Option<Product>, Error> {
        one(sql(SELECT).bind(sku.as_str()), on).await
    }

    async fn find(&self, on: &mut Session, skus: BTreeSet<&Sku>) -> Result<Vec<Product>, Error> {
        let select = sql("SELECT sku, name, unit_price, stock, version FROM products WHERE sku IN");
        let rows = select.push_list(skus.into_iter().map(Sku::as_str)).fetch_all(on).await?;
        rows.iter().map(product).collect()
    }

    async fn lock(&self, on: &mut Session, sku: &Sku) -> Result<Option<Product>, Error> {
        // SQLite has one writer, which needs no further lock.
        one(sql(SELECT).bind(sku.as_str()).push("FOR UPDATE").sqlite(""), on).await
    }

    async fn list(&self, on: &mut Session, after: Option<&Sku>, limit: u32) -> Result<Vec<Product>, Error> {
        // No sku is empty, so all of them come after the empty one.
        let select =
            sql("SELECT sku, name, unit_price, stock, version FROM products WHERE sku > ? ORDER BY sku LIMIT ?");
        let rows = select.bind(after.map_or("", Sku::as_str)).bind(limit).fetch_all(on).await?;
        rows.iter().map(product).collect()
    }

    async fn insert(&self, on: &mut Session, product: &Product) -> Result<(), Error> {
        let insert = sql("INSERT INTO products (sku, name, unit_price, stock, version) VALUES (?, ?, ?, ?, ?)");
        let insert = insert.bind(product.sku.as_str()).bind(&product.details.name).bind(product.details.unit_price);
        let insert = insert.bind(product.details.stock).bind(product.version);
        insert.execute(on).await.map(drop).map_err(|error| PRODUCTS.explain(error))
    }

    async fn update(&self, on: &mut Session, product: &Product) -> Result<(), Error> {
        let update = sql("UPDATE products SET name = ?, unit_price = ?, stock = ?, version = ? WHERE sku = ?");
        let update = update.bind(&product.details.name).bind(product.details.unit_price).bind(product.details.stock);
        update.bind(product.version).bind(product.sku.as_str()).execute(on).await?;
        Ok(())
    }

    async fn take(&self, on: &mut Session, sku: &Sku, quantity: i64) -> Result<bool, Error> {
        let update = sql("UPDATE products SET stock = stock - ?, version = version + 1 WHERE sku = ? AND stock >= ?");
        let taken = update.bind(quantity).bind(sku.as_str()).bind(quantity).execute(on).await?;
        Ok(taken == 1)
    }

    async fn put_back(&self, on: &mut Session, sku: &Sku, quantity: i64) -> Result<(), Error> {
        let update = sql("UPDATE products SET stock = CASE WHEN stock > ? THEN ? ELSE stock + ? END,
             version = version + 1 WHERE sku = ?");
        let update = update.bind(MAX_STOCK - quantity).bind(MAX_STOCK).bind(quantity);
        update.bind(sku.as_str()).execute(on).await?;
        Ok(())
    }
}

async fn one(select: Statement<'_>, on: &mut Session) -> Result<Option<Product>, Error> {
    select.fetch_optional(on).await?.as_ref().map(product).transpose()
}

fn product(row: &Row) -> Result<Product, Error> {
    let details =
        ProductDetails { name: row.get("name")?, unit_price: row.get("unit_price")?, stock: row.get("stock")? };
    Ok(Product { sku: Sku::stored(row.get("sku")?), details, version: row.get("version")? })
}
