use std::fmt;

use buttress::{Payload, Timestamp};
use serde::de::{Error, Unexpected, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use uuid::Uuid;
use uuid::fmt::Hyphenated;

use super::{OrderPosition, Sku};

/// A customer's order of products.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Order {
    pub id: OrderId,
    pub customer: Customer,
    pub status: Status,
    pub lines: Vec<OrderLine>,
    pub total: i64,
    pub note: Option<Note>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// The number of changes, plus one.
    #[serde(skip)]
    pub version: i64,
}

impl Order {
    /// Places a new order. The lines already have their prices.
    pub fn place(customer: Customer, lines: Vec<OrderLine>, note: Option<Note>) -> Self {
        let now = Timestamp::now();
        // At most 50 lines of 999 pieces at 100,000,000 each: far below the limit of an i64.
        let total = lines.iter().map(|line| line.quantity * line.unit_price).sum();
        Self {
            id: OrderId(Uuid::now_v7()),
            customer,
            status: Status::Placed,
            lines,
            total,
            note,
            created_at: now,
            updated_at: now,
            version: 1,
        }
    }

    /// The part of the order that can be changed.
    pub fn details(&self) -> OrderDetails {
        OrderDetails { customer: self.customer.clone(), note: self.note.clone() }
    }

    /// Replaces the part that can be changed.
    pub fn set_details(&mut self, details: OrderDetails) {
        (self.customer, self.note) = (details.customer, details.note);
    }

    /// Records a change of the order. If the clock was set back, the order's time stays.
    pub fn touch(&mut self) {
        self.version += 1;
        self.updated_at = Timestamp::now().max(self.updated_at);
    }

    /// The order's position in a sorted list.
    pub fn position(&self) -> OrderPosition {
        OrderPosition { created_at: self.created_at, total: self.total, id: self.id }
    }
}

/// The id of an order: a UUID of version 7, which begins with its creation time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Payload)]
#[serde(transparent)]
pub struct OrderId(
    #[serde(deserialize_with = "hyphenated")]
    #[payload(leaf, message = "must be a UUID with hyphens")]
    pub Uuid,
);

/// Reads the one form that the shop writes. `Uuid` accepts more, and each form would be another address of the same
/// order.
fn hyphenated<'de, D: Deserializer<'de>>(input: D) -> Result<Uuid, D::Error> {
    input.deserialize_str(WithHyphens)
}

struct WithHyphens;

impl Visitor<'_> for WithHyphens {
    type Value = Uuid;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a UUID with hyphens")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Uuid, E> {
        let id: Result<Hyphenated, _> = text.parse();
        id.map(Hyphenated::into_uuid).map_err(|_| E::invalid_value(Unexpected::Other("text"), &self))
    }
}

impl fmt::Display for OrderId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The customer of an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Payload)]
#[serde(transparent)]
pub struct Customer(
    #[payload(trim, nfc)]
    #[validate(length(min = 1, max = 64))]
    pub String,
);

impl Customer {
    /// The customer's name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A note from the customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Payload)]
#[serde(transparent)]
pub struct Note(
    #[payload(trim, nfc)]
    #[validate(length(max = 500))]
    pub String,
);

/// Whether an order is in force or cancelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Payload)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    Placed,
    Cancelled,
}

impl Status {
    /// The status as text.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Placed => "placed",
            Self::Cancelled => "cancelled",
        }
    }

    /// Reads a status from its text.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Placed, Self::Cancelled].into_iter().find(|status| status.as_str() == text)
    }
}

/// Some pieces of one product, at the price when they were ordered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OrderLine {
    pub sku: Sku,
    pub quantity: i64,
    pub unit_price: i64,
}

/// The part of an order that can be changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Payload)]
#[serde(deny_unknown_fields)]
pub struct OrderDetails {
    pub customer: Customer,
    pub note: Option<Note>,
}

/// The request to place an order.
#[derive(Debug, Clone, Deserialize, Payload)]
#[serde(deny_unknown_fields)]
pub struct NewOrder {
    pub customer: Customer,
    #[validate(length(min = 1, max = 50))]
    pub lines: Vec<NewLine>,
    pub note: Option<Note>,
}

/// A line of a [`NewOrder`].
#[derive(Debug, Clone, Deserialize, Payload)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewLine {
    pub sku: Sku,
    #[validate(range(min = 1, max = 999))]
    pub quantity: i64,
}
