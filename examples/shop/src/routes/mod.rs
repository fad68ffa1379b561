//! What clients can ask for. A route reads the request, calls one service, and says how the answer looks.

mod orders;
mod products;

use axum::Router;
use serde::{Deserialize, Deserializer};

use crate::app::App;

/// All routes of the first version.
pub fn v1() -> Router<App> {
    orders::routes().merge(products::routes())
}

/// How many items a page has when the client does not say.
const fn default_limit() -> u32 {
    20
}

/// Takes a cursor that is there for given, also an empty one: who lost it on the way must not begin anew in silence.
fn given<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    String::deserialize(deserializer).map(Some)
}
