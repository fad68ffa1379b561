use std::sync::Arc;

use buttress::Problem;
use buttress::store::{Error, Store};
use buttress::violation::Violations;

use crate::domain::{NewProduct, Product, Sku};
use crate::repositories::ProductRepository;

/// There is no product with this sku.
#[derive(Debug, thiserror::Error, Problem)]
#[error("there is no such product")]
#[problem(status = 404, code = "product-not-found", title = "Product not found", detail)]
pub struct ProductNotFound;

/// The reason why there is no product to show.
#[derive(Debug, thiserror::Error, Problem)]
pub enum GetProductError {
    #[error(transparent)]
    #[problem(transparent)]
    NotFound(#[from] ProductNotFound),

    #[error(transparent)]
    #[problem(transparent)]
    Data(#[from] Error),
}

/// The reason why a product was not added.
#[derive(Debug, thiserror::Error, Problem)]
pub enum AddError {
    /// There is a product with this sku.
    #[error("the sku belongs to another product")]
    #[problem(status = 409, detail)]
    SkuTaken(#[problem(violations)] Violations),

    #[error(transparent)]
    #[problem(transparent)]
    Data(#[from] Error),
}

/// The operations on products.
pub struct Products {
    store: Store,
    products: Arc<dyn ProductRepository>,
}

impl Products {
    pub fn new(store: Store, products: Arc<dyn ProductRepository>) -> Self {
        Self { store, products }
    }

    /// One product.
    pub async fn get(&self, sku: &Sku) -> Result<Product, GetProductError> {
        let mut session = self.store.read_only().session();
        Ok(self.products.get(&mut session, sku).await?.ok_or(ProductNotFound)?)
    }

    /// At most `limit` products in the order of their skus, starting after `after`.
    pub async fn list(&self, after: Option<&Sku>, limit: u32) -> Result<Vec<Product>, Error> {
        let mut session = self.store.read_only().session();
        self.products.list(&mut session, after, limit).await
    }

    /// Adds a product.
    pub async fn add(&self, new: NewProduct) -> Result<Product, AddError> {
        let product = Product::from(new);
        let added = self.store.transaction(async |tx| self.products.insert(tx, &product).await).await;
        added.map(|()| product).map_err(|error| match error.violation() {
            Some(taken) => AddError::SkuTaken(taken.clone().into()),
            None => error.into(),
        })
    }

    /// Changes the current product. `change` may refuse, and may be called again if another change came first.
    pub async fn change<E, F>(&self, sku: &Sku, change: F) -> Result<Product, E>
    where
        E: From<ProductNotFound> + From<Error> + Send,
        F: Fn(&mut Product) -> Result<(), E> + Send + Sync,
    {
        self.store
            .transaction(async |tx| {
                let mut product = self.products.lock(tx, sku).await?.ok_or(ProductNotFound)?;
                change(&mut product)?;
                product.version += 1;
                self.products.update(tx, &product).await?;
                Ok(product)
            })
            .await
    }

    /// Fills an empty shop. If several instances start at once, one of them does it.
    pub async fn seed(&self, seeds: &[Product]) -> Result<(), Error> {
        let seeded = self.store.transaction(async |tx| {
            if self.products.list(tx, None, 1).await?.is_empty() {
                for product in seeds {
                    self.products.insert(tx, product).await?;
                }
            }
            Ok::<_, Error>(())
        });
        match seeded.await {
            Err(error) if error.violation().is_none() => Err(error),
            _ => Ok(()),
        }
    }
}
