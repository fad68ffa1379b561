use std::fmt;
use std::hash::{DefaultHasher, Hasher};

use tracing::field::{self, Empty};
use tracing::{Level, Span};

use crate::sql::text::Syntax;
use crate::sql::text::lex::{is_word_at, without_values, words};
use crate::sql::text::summary::Summary;
use crate::telemetry::targets::QUERY as TARGET;
use crate::telemetry::{QueryLog, StatementTimer};

/// The longest text of a statement that a span shows, in bytes.
const LONGEST: usize = 4_096;

/// Where a database is, for its spans.
#[derive(Debug, Default)]
pub struct Peer<'a> {
    pub(crate) namespace: Option<&'a str>,
    pub(crate) address: Option<&'a str>,
    pub(crate) port: Option<u16>,
}

/// A statement: its span, and that it is counted. Both end when this is dropped.
#[derive(Debug)]
pub(crate) struct QuerySpan {
    span: Span,
    timed: Option<StatementTimer>,
}

impl QuerySpan {
    /// Begins. Where nobody listens and nothing is counted it is a look at a static and one at the task.
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

    /// The statement is sent.
    pub(crate) fn sent(&self, sql: &str, syntax: Syntax) {
        if let Some(timed) = &self.timed {
            timed.log.sent(hash(sql, syntax), || Summary::new(sql, syntax).text);
        }
        if !self.span.is_disabled() {
            self.describe(sql, syntax);
        }
    }

    /// It failed, with the code that the database gives it, or else as the kind says.
    pub(crate) fn failed(&self, code: Option<&str>, kind: impl fmt::Debug) {
        self.span.record("otel.status_code", field::display("ERROR"));
        match code {
            Some(code) => {
                self.span.record("db.response.status_code", field::display(code));
                self.span.record("error.type", field::display(code));
            }
            None => {
                self.span.record("error.type", field::debug(kind));
            }
        }
    }

    fn describe(&self, sql: &str, syntax: Syntax) {
        let Some(text) = shown(sql, syntax) else { return };
        let summary = Summary::new(sql, syntax);
        let named = Some(&summary.text).filter(|text| !text.is_empty());
        if let Some(name) = named {
            self.span.record("otel.name", field::display(name)).record("db.query.summary", field::display(name));
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

/// Statements that differ in their values alone have one hash. One that cannot be read is told from others by its text.
fn hash(sql: &str, syntax: Syntax) -> u64 {
    let mut hasher = DefaultHasher::new();
    if !without_values(sql, syntax, |piece| hasher.write(piece.as_bytes())) {
        hasher.write(sql.as_bytes());
    }
    hasher.finish()
}

/// The text that a span shows, if it can be read.
fn shown(sql: &str, syntax: Syntax) -> Option<String> {
    let mut text = String::with_capacity(sql.len().min(LONGEST));
    let is_clear = without_values(sql, syntax, |piece| {
        if text.len() + piece.len() <= LONGEST {
            text.push_str(piece);
        }
    });
    is_clear.then_some(text)
}

/// The text of a statement, for what is said of it once it has failed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct QueryText<'a> {
    pub(crate) sql: &'a str,
    pub(crate) syntax: Syntax,
}

impl<'a> QueryText<'a> {
    /// Its operations and tables, without values; empty if the text cannot be read.
    pub(crate) fn summary(self) -> String {
        Summary::new(self.sql, self.syntax).text
    }

    /// The text and the summary that a span shows of it.
    #[cfg(fuzzing)]
    pub(crate) fn shown(self) -> (Option<String>, String) {
        (shown(self.sql, self.syntax), format!("{:?}", Summary::new(self.sql, self.syntax)))
    }

    /// Its keywords and names; none if the text cannot be read.
    pub(crate) fn words(self) -> Vec<&'a str> {
        words(self.sql, self.syntax)
    }

    /// Whether a word or a sign stands at this character, counted from 1, and no literal.
    pub(crate) fn is_word_at(self, character: usize) -> bool {
        let byte = character.checked_sub(1).and_then(|at| self.sql.char_indices().nth(at));
        byte.is_some_and(|(byte, _)| is_word_at(self.sql, self.syntax, byte))
    }
}
