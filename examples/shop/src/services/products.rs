use std::sync::Arc;

use buttress::Problem;
use buttress::violation::{At, Violation, Violations};

use crate::domain::{NewProduct, Product, Sku};
use crate::repositories::{ProductRepository, Store, StoreError};

/// Why something could not be done with a product.
#[derive(Debug, thiserror::Error, Problem)]
pub enum ProductError {
    #[error("there is no such product")]
    #[problem(status = 404, code = "product-not-found", title = "Product not found", detail)]
    NotFound,

    #[error("the sku belongs to another product")]
    #[problem(status = 409, detail)]
    SkuTaken(#[problem(violations)] Violations),

    #[error(transparent)]
    #[problem(transparent)]
    Store(#[from] StoreError),
}

/// What can be done with products.
pub struct Products {
    store: Store,
    products: Arc<dyn ProductRepository>,
}

impl Products {
    pub fn new(store: Store, products: Arc<dyn ProductRepository>) -> Self {
        Self { store, products }
    }

    /// One product.
    pub async fn get(&self, sku: &Sku) -> Result<Product, ProductError> {
        let mut session = self.store.read().await?;
        self.products.get(&mut session, sku).await?.ok_or(ProductError::NotFound)
    }

    /// At most `limit` products by sku, from behind `after` on.
    pub async fn list(&self, after: Option<&Sku>, limit: u32) -> Result<Vec<Product>, ProductError> {
        let mut session = self.store.read().await?;
        Ok(self.products.list(&mut session, after, limit).await?)
    }

    /// Adds a product.
    pub async fn add(&self, new: NewProduct) -> Result<Product, ProductError> {
        let product = Product::from(new);
        let mut session = self.store.write().await?;
        if !self.products.insert(&mut session, &product).await? {
            return Err(sku_taken());
        }
        session.commit().await?;
        Ok(product)
    }

    /// Changes a product as it stands. `change` may refuse.
    pub async fn change<F>(&self, sku: &Sku, change: F) -> Result<Product, Problem>
    where
        F: FnOnce(&mut Product) -> Result<(), Problem> + Send,
    {
        let mut session = self.store.write().await?;
        let mut product = self.products.get(&mut session, sku).await?.ok_or(ProductError::NotFound)?;
        change(&mut product)?;
        product.version += 1;
        self.products.update(&mut session, &product).await?;
        session.commit().await?;
        Ok(product)
    }

    /// Fills an empty shop.
    pub async fn seed(&self, seeds: impl IntoIterator<Item = Product> + Send) -> Result<(), ProductError> {
        let mut session = self.store.write().await?;
        if !self.products.list(&mut session, None, 1).await?.is_empty() {
            return Ok(());
        }
        let seeds: Vec<_> = seeds.into_iter().collect();
        for product in &seeds {
            self.products.insert(&mut session, product).await?;
        }
        Ok(session.commit().await?)
    }
}

fn sku_taken() -> ProductError {
    let violation = Violation::at(&At::body().member("sku"), "taken", "belongs to another product");
    ProductError::SkuTaken(violation.into())
}
