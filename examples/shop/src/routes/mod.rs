//! The shop's HTTP interface. A route reads the request, calls one service, and shapes the response.

mod orders;
mod products;

use axum::Router;
use serde::{Deserialize, Deserializer};

use crate::app::App;

/// All routes of the first version.
pub fn v1() -> Router<App> {
    orders::routes().merge(products::routes())
}

/// How many items a page has by default.
const fn default_limit() -> u32 {
    20
}

/// Treats a cursor that is present, even an empty one, as given: a client that lost its cursor on the way must not
/// silently start again.
fn given<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    String::deserialize(deserializer).map(Some)
}
