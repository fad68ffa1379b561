use std::borrow::Cow;
use std::fmt;

use tracing::field::{self, Empty};
use tracing::{Level, Span};

use crate::sql::text::{self, Description, Reading, Syntax};
use crate::telemetry::targets::QUERY as TARGET;
use crate::telemetry::{QueryLog, StatementTimer, fields};

/// Whether statements are traced or counted now, so that a text is to be described.
pub(in crate::sql) fn is_listened() -> bool {
    tracing::enabled!(target: TARGET, Level::DEBUG) || QueryLog::is_current()
}

/// Where a database is, for its spans.
#[derive(Debug, Default)]
pub struct Peer<'a> {
    pub(crate) namespace: Option<&'a str>,
    pub(crate) address: Option<&'a str>,
    pub(crate) port: Option<u16>,
}

/// The span and the count of a statement. Both end when this is dropped.
#[derive(Debug)]
pub(crate) struct QuerySpan {
    span: Span,
    timed: Option<StatementTimer>,
}

impl QuerySpan {
    /// Begins. If no subscriber listens and nothing is counted, this reads one static and one task-local.
    pub(crate) fn new(open: impl FnOnce() -> Span) -> Self {
        let span = if tracing::enabled!(target: TARGET, Level::DEBUG) { open() } else { Span::none() };
        Self { span, timed: QueryLog::current().map(StatementTimer::start) }
    }

    /// A span by the semantic conventions of OpenTelemetry for databases, version 1.44.
    pub(crate) fn open(system: &'static str, peer: &Peer<'_>) -> Span {
        tracing::debug_span!(
            target: TARGET,
            "query",
            otel.name = Empty,
            otel.kind = field::display("client"),
            otel.status_code = Empty,
            db.system.name = field::display(system),
            db.namespace = peer.namespace.map(field::display),
            db.operation.name = Empty,
            db.collection.name = Empty,
            db.query.summary = Empty,
            db.query.text = Empty,
            db.response.status_code = Empty,
            server.address = peer.address.map(field::display),
            server.port = peer.port,
            error.type = Empty,
        )
    }

    pub(crate) const fn span(&self) -> &Span {
        &self.span
    }

    /// Records that the statement is sent.
    pub(in crate::sql) fn sent(&self, sql: &str, syntax: &'static Syntax, reading: &Reading) {
        if self.timed.is_none() && self.span.is_disabled() {
            return;
        }
        let described = reading.description();
        let description = described.map_or_else(|| Cow::Owned(text::describe(sql, syntax)), Cow::Borrowed);
        if let Some(timed) = &self.timed {
            timed.log.sent(description.fingerprint, || description.summary.text.clone());
        }
        if !self.span.is_disabled() {
            self.describe(&description);
        }
    }

    /// Records a failure: by the database's code, or by the kind if there is none.
    pub(crate) fn failed(&self, code: Option<&str>, kind: impl fmt::Debug) {
        self.span.record(fields::OTEL_STATUS_CODE, field::display("ERROR"));
        match code {
            Some(code) => {
                self.span.record("db.response.status_code", field::display(code));
                self.span.record(fields::ERROR_TYPE, field::display(code));
            }
            None => {
                self.span.record(fields::ERROR_TYPE, field::debug(kind));
            }
        }
    }

    fn describe(&self, description: &Description) {
        let Description { summary, text: Some(text), .. } = description else { return };
        let named = Some(&summary.text).filter(|text| !text.is_empty());
        if let Some(name) = named {
            self.span.record(fields::OTEL_NAME, field::display(name)).record("db.query.summary", field::display(name));
        }
        if let Some(operation) = summary.operation {
            self.span.record("db.operation.name", field::display(operation));
        }
        if let Some(collection) = &summary.collection {
            self.span.record("db.collection.name", field::display(collection));
        }
        self.span.record("db.query.text", field::display(text));
    }
}

/// The text of a statement that failed, for the parts of it that an error may show.
#[derive(Debug, Clone, Copy)]
pub(crate) struct QueryText<'a> {
    pub(in crate::sql) sql: &'a str,
    pub(in crate::sql) syntax: &'static Syntax,
}

impl<'a> QueryText<'a> {
    /// Its operations and tables, without values; empty if the text cannot be read.
    pub(crate) fn summary(self) -> String {
        text::describe(self.sql, self.syntax).summary.text
    }

    /// Its keywords and names; none if the text cannot be read.
    pub(crate) fn words(self) -> Vec<&'a str> {
        text::words(self.sql, self.syntax)
    }

    /// Whether a word or a sign stands at this character, counted from 1, and no value.
    pub(crate) fn is_word_at(self, character: usize) -> bool {
        let byte = character.checked_sub(1).and_then(|at| self.sql.char_indices().nth(at));
        byte.is_some_and(|(byte, _)| text::is_word_at(self.sql, self.syntax, byte))
    }
}
