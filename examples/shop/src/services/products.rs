use std::sync::Arc;

use buttress::Problem;
use buttress::store::{Error, Store};
use buttress::violation::Violations;

use crate::domain::{NewProduct, Product, Sku};
use crate::repositories::ProductRepository;

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
    Data(#[from] Error),
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
        let mut session = self.store.read_only().session();
        self.products.get(&mut session, sku).await?.ok_or(ProductError::NotFound)
    }

    /// At most `limit` products by sku, from behind `after` on.
    pub async fn list(&self, after: Option<&Sku>, limit: u32) -> Result<Vec<Product>, ProductError> {
        let mut session = self.store.read_only().session();
        Ok(self.products.list(&mut session, after, limit).await?)
    }

    /// Adds a product.
    pub async fn add(&self, new: NewProduct) -> Result<Product, ProductError> {
        let product = Product::from(new);
        let added = self.store.transaction(async |tx| self.products.insert(tx, &product).await).await;
        added.map(|()| product).map_err(|error| match error.violation() {
            Some(taken) => ProductError::SkuTaken(taken.clone().into()),
            None => error.into(),
        })
    }

    /// Changes a product as it stands. `change` may refuse, and may be asked again if another change came first.
    pub async fn change<F>(&self, sku: &Sku, change: F) -> Result<Product, Problem>
    where
        F: Fn(&mut Product) -> Result<(), Problem> + Send + Sync,
    {
        self.store
            .transaction(async |tx| {
                let mut product = self.products.lock(tx, sku).await?.ok_or(ProductError::NotFound)?;
                change(&mut product)?;
                product.version += 1;
                self.products.update(tx, &product).await?;
                Ok(product)
            })
            .await
    }

    /// Fills an empty shop. Of several that start at once, one does.
    pub async fn seed(&self, seeds: &[Product]) -> Result<(), ProductError> {
        let seeded = self.store.transaction(async |tx| {
            if self.products.list(tx, None, 1).await?.is_empty() {
                for product in seeds {
                    self.products.insert(tx, product).await?;
                }
            }
            Ok::<_, Error>(())
        });
        match seeded.await {
            Err(error) if error.violation().is_none() => Err(error.into()),
            _ => Ok(()),
        }
    }
}
