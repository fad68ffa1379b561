//! Each type of ours as axum sees it.

use crate::exchange::{RequestId, State};
use crate::problem::Problem;

crate::adapt_response!(Problem);
crate::adapt_parts!(RequestId);
crate::adapt_parts!([T] State<T>);
