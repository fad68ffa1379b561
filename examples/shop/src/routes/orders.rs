use std::sync::Arc;

use axum::Router;
use axum::extract::OriginalUri;
use axum::routing::{get, post};
use buttress::extract::{MergePatch, Path, Query};
use buttress::handler::{Json, State};
use buttress::page::{CursorKeys, Page, PageQuery};
use buttress::respond::{Created, Location, NoContent, Preconditions, Versioned};
use buttress::{EntityTag, Payload, Problem};
use serde::Deserialize;

use crate::app::App;
use crate::domain::{Customer, NewOrder, Order, OrderDetails, OrderFilter, OrderId, OrderPosition, Sort, Status};
use crate::services::{OrderError, Orders};

pub fn routes() -> Router<App> {
    Router::new()
        .route("/orders", get(list).post(place))
        .route("/orders/{id}", get(show).patch(change).delete(remove))
        .route("/orders/{id}/cancel", post(cancel))
}

/// The query of a list of orders.
#[derive(Deserialize, Payload)]
#[serde(deny_unknown_fields)]
struct ListQuery {
    customer: Option<Customer>,
    status: Option<Status>,
    #[serde(default)]
    sort: Sort,
    #[serde(flatten)]
    page: PageQuery,
}

#[buttress::handler(axum, state = App)]
async fn list(
    State(orders): State<Arc<Orders>>,
    State(keys): State<CursorKeys>,
    OriginalUri(uri): OriginalUri,
    Query(query): Query<ListQuery>,
) -> Result<Page<Order>, Problem> {
    let filter = OrderFilter { customer: query.customer, status: query.status };
    let cursor = keys.cursor::<OrderPosition>("orders", &(&filter, query.sort))?;
    let after = cursor.after(query.page.cursor())?;
    let rows = orders.list(&filter, query.sort, after.as_ref(), query.page.rows_to_read()).await?;
    Ok(Page::of(rows, query.page.limit(), |last| cursor.encode(&last.position()))?.linked(&uri))
}

#[buttress::handler(axum, state = App)]
async fn place(
    State(orders): State<Arc<Orders>>,
    Json(new): Json<NewOrder>,
) -> Result<Created<Versioned<Json<Order>>>, OrderError> {
    let order = orders.place(new).await?;
    let location = Location::segments(["v1", "orders", &order.id.to_string()]);
    Ok(Created::at(location, versioned(order)))
}

#[buttress::handler(axum, state = App)]
async fn show(
    State(orders): State<Arc<Orders>>,
    Path(id): Path<OrderId>,
    preconditions: Preconditions,
) -> Result<Versioned<Json<Order>>, OrderError> {
    Ok(versioned(orders.get(id).await?).answering(preconditions))
}

#[buttress::handler(axum, state = App)]
async fn change(
    State(orders): State<Arc<Orders>>,
    id: Result<Path<OrderId>, Problem>,
    preconditions: Preconditions,
    patch: MergePatch<OrderDetails>,
) -> Result<Versioned<Json<Order>>, Problem> {
    // A malformed id is a 422, which comes after the errors of a body.
    let Path(id) = id?;
    let change = |order: &mut Order| {
        preconditions.require(&EntityTag::version(order.version))?;
        order.set_details(patch.apply(&order.details())?);
        Ok(())
    };
    Ok(versioned(orders.change(id, change).await?))
}

#[buttress::handler(axum, state = App)]
async fn cancel(
    State(orders): State<Arc<Orders>>,
    Path(id): Path<OrderId>,
    preconditions: Preconditions,
) -> Result<Versioned<Json<Order>>, Problem> {
    Ok(versioned(orders.cancel(id, |order| is_current(&preconditions, order)).await?))
}

#[buttress::handler(axum, state = App)]
async fn remove(
    State(orders): State<Arc<Orders>>,
    Path(id): Path<OrderId>,
    preconditions: Preconditions,
) -> Result<NoContent, Problem> {
    orders.delete(id, |order| is_current(&preconditions, order)).await?;
    Ok(NoContent)
}

/// Checks `If-Match` if it was sent.
fn is_current(preconditions: &Preconditions, order: &Order) -> Result<(), Problem> {
    preconditions.check(Some(&EntityTag::version(order.version)))
}

fn versioned(order: Order) -> Versioned<Json<Order>> {
    Versioned::new(EntityTag::version(order.version), Json(order))
}
