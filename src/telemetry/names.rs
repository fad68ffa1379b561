//! The names under which the crate logs, if several modules share them. A name that only one span or event has is
//! written there.

/// The targets of spans and events.
pub(crate) mod targets {
    /// Problems, by the request that they end.
    pub(crate) const PROBLEM: &str = "buttress::problem";
    /// The span of a request, and its end.
    pub(crate) const REQUEST: &str = "buttress::trace";
    /// Statements, and the counts of a request's statements.
    pub(crate) const QUERY: &str = "buttress::query";
    /// The span of a transaction, and its retries.
    pub(crate) const TRANSACTION: &str = "buttress::transaction";
    /// Failures of a store beside its transactions.
    pub(crate) const STORE: &str = "buttress::store";
    /// The relays of an outbox.
    pub(crate) const OUTBOX: &str = "buttress::outbox";
}

/// Fields of spans. Most are from the semantic conventions of OpenTelemetry.
pub(crate) mod fields {
    pub(crate) const OTEL_NAME: &str = "otel.name";
    pub(crate) const OTEL_KIND: &str = "otel.kind";
    pub(crate) const OTEL_STATUS_CODE: &str = "otel.status_code";
    pub(crate) const ERROR_TYPE: &str = "error.type";
    /// How many statements a request sent. The span of a request has it for the layer that counts them.
    pub(crate) const DB_QUERIES: &str = "db.queries";
    /// How long the statements of a request took.
    pub(crate) const DB_TIME_MS: &str = "db.time_ms";
}

/// Replaces the value of a field that takes values from a fixed list, if the real value is not in that list: a method
/// that HTTP does not define, an error of the service itself.
pub(crate) const OTHER: &str = "_OTHER";
