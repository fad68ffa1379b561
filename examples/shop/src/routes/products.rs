use std::sync::Arc;

use axum::Router;
use axum::extract::OriginalUri;
use axum::routing::get;
use buttress::extract::{MergePatch, Path, Query};
use buttress::handler::{Json, State};
use buttress::page::{CursorKeys, Page, PageQuery};
use buttress::respond::{Created, Location, Preconditions, Versioned};
use buttress::{EntityTag, Problem};

use crate::app::App;
use crate::auth::Admin;
use crate::domain::{NewProduct, Product, ProductDetails, Sku};
use crate::services::{ProductError, Products};

pub fn routes() -> Router<App> {
    Router::new().route("/products", get(list).post(add)).route("/products/{sku}", get(show).patch(change))
}

#[buttress::handler(axum, state = App)]
async fn list(
    State(products): State<Arc<Products>>,
    State(keys): State<CursorKeys>,
    OriginalUri(uri): OriginalUri,
    Query(query): Query<PageQuery>,
) -> Result<Page<Product>, Problem> {
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
) -> Result<Versioned<Json<Product>>, ProductError> {
    Ok(versioned(products.get(&sku).await?).answering(preconditions))
}

#[buttress::handler(axum, state = App)]
async fn add(
    _: Admin,
    State(products): State<Arc<Products>>,
    Json(new): Json<NewProduct>,
) -> Result<Created<Versioned<Json<Product>>>, ProductError> {
    let product = products.add(new).await?;
    let location = Location::segments(["v1", "products", product.sku.as_str()]);
    Ok(Created::at(location, versioned(product)))
}

#[buttress::handler(axum, state = App)]
async fn change(
    _: Admin,
    State(products): State<Arc<Products>>,
    sku: Result<Path<Sku>, Problem>,
    preconditions: Preconditions,
    patch: MergePatch<ProductDetails>,
) -> Result<Versioned<Json<Product>>, Problem> {
    // A malformed sku is a 422, which comes after the errors of a body.
    let Path(sku) = sku?;
    let change = |product: &mut Product| {
        preconditions.require(&EntityTag::version(product.version))?;
        product.details = patch.apply(&product.details)?;
        Ok(())
    };
    Ok(versioned(products.change(&sku, change).await?))
}

fn versioned(product: Product) -> Versioned<Json<Product>> {
    Versioned::new(EntityTag::version(product.version), Json(product))
}
