use std::sync::Arc;

use axum::Router;
use axum::extract::OriginalUri;
use axum::routing::get;
use buttress::extract::{Input, MergePatch, Path, Query};
use buttress::page::{CursorKeys, Page, PageQuery};
use buttress::respond::{Created, Location, Preconditions, Versioned};
use buttress::{EntityTag, Json, State};

use crate::app::App;
use crate::auth::Admin;
use crate::domain::{NewProduct, Product, ProductDetails, Sku};
use crate::routes::errors::{ChangeProductError, ListError};
use crate::routes::reference::RouteProblems;
use crate::services::{AddError, GetProductError, Products};

pub fn routes() -> Router<App> {
    Router::new().route("/products", get(list).post(add)).route("/products/{sku}", get(show).patch(change))
}

/// The problems of each route.
pub fn problems() -> Vec<RouteProblems> {
    vec![
        RouteProblems::of("GET", "/v1/products", list),
        RouteProblems::of("POST", "/v1/products", add),
        RouteProblems::of("GET", "/v1/products/{sku}", show),
        RouteProblems::of("PATCH", "/v1/products/{sku}", change),
    ]
}

#[buttress::handler(axum, state = App)]
async fn list(
    State(products): State<Arc<Products>>,
    State(keys): State<CursorKeys>,
    OriginalUri(uri): OriginalUri,
    Query(query): Query<PageQuery>,
) -> Result<Page<Product>, ListError> {
    let cursor = keys.cursor::<Sku>("products", &())?;
    let after = cursor.after(query.cursor())?;
    let rows = products.list(after.as_ref(), query.rows_to_read()).await?;
    Ok(Page::of(rows, query.limit(), |last| cursor.encode(&last.sku))?.linked(&uri))
}

#[buttress::handler(axum, state = App)]
async fn show(
    State(products): State<Arc<Products>>,
    Path(sku): Path<Sku>,
    preconditions: Preconditions,
) -> Result<Versioned<Json<Product>>, GetProductError> {
    Ok(versioned(products.get(&sku).await?).preconditions(preconditions))
}

#[buttress::handler(axum, state = App)]
async fn add(
    _: Admin,
    State(products): State<Arc<Products>>,
    Json(new): Json<NewProduct>,
) -> Result<Created<Versioned<Json<Product>>>, AddError> {
    let product = products.add(new).await?;
    let location = Location::segments(["v1", "products", product.sku.as_str()]);
    Ok(Created::at(location, versioned(product)))
}

#[buttress::handler(axum, state = App)]
async fn change(
    _: Admin,
    State(products): State<Arc<Products>>,
    preconditions: Preconditions,
    // Together, so that a malformed sku does not hide that the body is too large or is not a patch.
    Input((Path(sku), patch)): Input<(Path<Sku>, MergePatch<ProductDetails>)>,
) -> Result<Versioned<Json<Product>>, ChangeProductError> {
    let change = |product: &mut Product| {
        preconditions.require(&EntityTag::version(product.version))?;
        product.details = patch.apply(&product.details)?;
        Ok(())
    };
    products.change(&sku, change).await.map(versioned)
}

fn versioned(product: Product) -> Versioned<Json<Product>> {
    Versioned::new(EntityTag::version(product.version), Json(product))
}
