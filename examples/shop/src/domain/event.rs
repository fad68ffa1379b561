/// What can happen to an order. Others are told of it by this name, with the order as it stands then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OrderEvent {
    Placed,
    Changed,
    Cancelled,
    Deleted,
}

impl OrderEvent {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Placed, Self::Changed, Self::Cancelled, Self::Deleted];

    /// The event as text.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Placed => "order-placed",
            Self::Changed => "order-changed",
            Self::Cancelled => "order-cancelled",
            Self::Deleted => "order-deleted",
        }
    }
}
