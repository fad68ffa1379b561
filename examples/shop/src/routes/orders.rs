use std::sync::Arc;

use axum::Router;
use axum::extract::OriginalUri;
use axum::routing::{get, post};
use buttress::extract::{Input, MergePatch, Path, Query};
use buttress::page::{CursorKeys, Page, PageQuery};
use buttress::respond::{Created, Location, NoContent, PreconditionFailed, Preconditions, Versioned};
use buttress::{EntityTag, Json, Payload, State};
use serde::Deserialize;

use crate::app::App;
use crate::domain::{Customer, NewOrder, Order, OrderDetails, OrderFilter, OrderId, OrderPosition, Sort, Status};
use crate::routes::errors::{CancelError, ChangeOrderError, ListError, RemoveError};
use crate::routes::reference::RouteProblems;
use crate::services::{GetOrderError, Orders, PlaceError};

pub fn routes() -> Router<App> {
    Router::new()
        .route("/orders", get(list).post(place))
        .route("/orders/{id}", get(show).patch(change).delete(remove))
        .route("/orders/{id}/cancel", post(cancel))
}

/// The problems of each route.
pub fn problems() -> Vec<RouteProblems> {
    vec![
        RouteProblems::of("GET", "/v1/orders", list),
        RouteProblems::of("POST", "/v1/orders", place),
        RouteProblems::of("GET", "/v1/orders/{id}", show),
        RouteProblems::of("PATCH", "/v1/orders/{id}", change),
        RouteProblems::of("DELETE", "/v1/orders/{id}", remove),
        RouteProblems::of("POST", "/v1/orders/{id}/cancel", cancel),
    ]
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
) -> Result<Page<Order>, ListError> {
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
) -> Result<Created<Versioned<Json<Order>>>, PlaceError> {
    let order = orders.place(new).await?;
    let location = Location::segments(["v1", "orders", &order.id.to_string()]);
    Ok(Created::at(location, versioned(order)))
}

#[buttress::handler(axum, state = App)]
async fn show(
    State(orders): State<Arc<Orders>>,
    Path(id): Path<OrderId>,
    preconditions: Preconditions,
) -> Result<Versioned<Json<Order>>, GetOrderError> {
    Ok(versioned(orders.get(id).await?).preconditions(preconditions))
}

#[buttress::handler(axum, state = App)]
async fn change(
    State(orders): State<Arc<Orders>>,
    preconditions: Preconditions,
    // Together, so that a malformed id does not hide that the body is too large or is not a patch.
    Input((Path(id), patch)): Input<(Path<OrderId>, MergePatch<OrderDetails>)>,
) -> Result<Versioned<Json<Order>>, ChangeOrderError> {
    let change = |order: &mut Order| {
        preconditions.require(&EntityTag::version(order.version))?;
        order.set_details(patch.apply(&order.details())?);
        Ok(())
    };
    orders.change(id, change).await.map(versioned)
}

#[buttress::handler(axum, state = App)]
async fn cancel(
    State(orders): State<Arc<Orders>>,
    Path(id): Path<OrderId>,
    preconditions: Preconditions,
) -> Result<Versioned<Json<Order>>, CancelError> {
    orders.cancel(id, |order| Ok(is_current(&preconditions, order)?)).await.map(versioned)
}

#[buttress::handler(axum, state = App)]
async fn remove(
    State(orders): State<Arc<Orders>>,
    Path(id): Path<OrderId>,
    preconditions: Preconditions,
) -> Result<NoContent, RemoveError> {
    orders.delete(id, |order| Ok(is_current(&preconditions, order)?)).await.map(|()| NoContent)
}

/// Checks `If-Match` if it was sent.
fn is_current(preconditions: &Preconditions, order: &Order) -> Result<(), PreconditionFailed> {
    preconditions.check(Some(&EntityTag::version(order.version)))
}

fn versioned(order: Order) -> Versioned<Json<Order>> {
    Versioned::new(EntityTag::version(order.version), Json(order))
}
