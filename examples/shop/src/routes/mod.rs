//! The shop's HTTP interface. A route reads the request, calls one service, and shapes the response.

mod errors;
mod orders;
mod products;
mod reference;

use axum::Router;

use self::reference::RouteProblems;

use crate::app::App;

/// All routes of the first version.
pub fn v1() -> Router<App> {
    orders::routes().merge(products::routes())
}

/// The problems of each route of the first version.
pub fn problems() -> impl Iterator<Item = RouteProblems> {
    orders::problems().into_iter().chain(products::problems())
}
