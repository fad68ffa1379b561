/// The events of an order. Other systems get this name, with the order as it is at that moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OrderEvent {
    Placed,
    Changed,
    Cancelled,
    Deleted,
}

impl OrderEvent {
    /// All events.
    pub const ALL: [Self; 4] = [Self::Placed, Self::Changed, Self::Cancelled, Self::Deleted];

    /// The event's name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Placed => "order-placed",
            Self::Changed => "order-changed",
            Self::Cancelled => "order-cancelled",
            Self::Deleted => "order-deleted",
        }
    }
}
