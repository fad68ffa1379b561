//! The shop's HTTP interface. A route reads the request, calls one service, and shapes the response.

mod orders;
mod products;

use axum::Router;

use crate::app::App;

/// All routes of the first version.
pub fn v1() -> Router<App> {
    orders::routes().merge(products::routes())
}
