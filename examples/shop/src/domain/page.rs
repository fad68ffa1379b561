use buttress::Payload;
use buttress::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Customer, OrderId, Status};

/// Which orders are meant. What is not said is not asked.
#[derive(Debug, Clone, Default, Serialize)]
pub struct OrderFilter {
    pub customer: Option<Customer>,
    pub status: Option<Status>,
}

/// Which orders come first; their ids decide between those that are alike. What they are sorted by never changes, so
/// none can be missed or seen twice on the way through.
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

/// Where an order stands, by any sort.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderPosition {
    pub created_at: Timestamp,
    pub total: i64,
    pub id: OrderId,
}
