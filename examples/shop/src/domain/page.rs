use buttress::{Payload, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Customer, OrderId, Status};

/// Selects orders. A member that is `None` does not restrict them.
#[derive(Debug, Clone, Default, Serialize)]
pub struct OrderFilter {
    pub customer: Option<Customer>,
    pub status: Option<Status>,
}

/// How orders are sorted; ids decide between equal ones. The sort keys never change, so an order can neither be missed
/// nor seen twice while a client reads the pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, Payload)]
pub enum Sort {
    #[serde(rename = "createdAt")]
    Oldest,
    #[default]
    #[serde(rename = "-createdAt")]
    Newest,
    #[serde(rename = "total")]
    Cheapest,
    #[serde(rename = "-total")]
    Dearest,
}

/// An order's position in a list, for any sort.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderPosition {
    pub created_at: Timestamp,
    pub total: i64,
    pub id: OrderId,
}
