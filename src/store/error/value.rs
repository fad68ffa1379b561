use std::error::Error as StdError;
use std::fmt;

use super::ErrorKind;
use crate::body::BoxError;
use crate::problem::{Cause, ProblemType, chain};
use crate::violation::Violation;

/// A failure of a store: one pointer wide, the same for every database.
///
/// Programs decide by [`kind`](Self::kind). The text names the kind, the constraint and the reason: what the database
/// said, without the values that some databases quote. The error's sources continue from there without repeating it.
///
/// ```
/// use buttress::store::{Error, ErrorKind};
///
/// let error = Error::new(ErrorKind::UniqueViolation).with_constraint("orders_customer_key");
/// assert_eq!(error.to_string(), "a unique key is taken: orders_customer_key");
/// assert!(!error.is_retryable());
/// ```
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    constraint: Option<Box<str>>,
    /// The reason, in a text that holds no value.
    reason: Option<Box<str>>,
    violation: Option<Violation>,
    answer: Option<ProblemType>,
    source: Option<BoxError>,
    transaction: Option<TransactionId>,
    /// Whether the program caused the refusal by its own mistake.
    mistake: bool,
}

/// `PostgreSQL`'s id of a transaction. If the transaction's commit was cut off,
/// [`Store::resolve`](crate::store::Store::resolve) can ask what became of it by this id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransactionId(pub(crate) String);

impl fmt::Display for TransactionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error {
    /// An error of this kind, for a repository of your own.
    #[must_use]
    pub fn new(kind: ErrorKind) -> Self {
        Self(Box::new(Inner {
            kind,
            constraint: None,
            reason: None,
            violation: None,
            answer: None,
            source: None,
            transaction: None,
            mistake: false,
        }))
    }

    /// A stored value that this version cannot have written.
    #[must_use]
    pub fn corrupt(what: &'static str) -> Self {
        Self::new(ErrorKind::Other).because(format!("{what} cannot be read"))
    }

    /// Names the constraint that is violated.
    #[must_use]
    pub fn with_constraint(mut self, name: impl Into<String>) -> Self {
        self.0.constraint = Some(name.into().into_boxed_str());
        self
    }

    /// Says what is wrong in terms of the input. [`Constraints`](super::Constraints) call this.
    #[must_use]
    pub fn with_violation(mut self, violation: Violation) -> Self {
        self.0.violation = Some(violation);
        self
    }

    /// Adds the reason to the text. The earlier reason follows it.
    #[must_use]
    pub(crate) fn because(mut self, reason: impl Into<String>) -> Self {
        let mut reason = reason.into();
        if let Some(before) = &self.0.reason {
            reason.push_str(": ");
            reason.push_str(before);
        }
        self.0.reason = Some(reason.into_boxed_str());
        self
    }

    /// The reason, if the text gives one.
    pub(crate) fn reason(&self) -> Option<&str> {
        self.0.reason.as_deref()
    }

    /// The problem that the error becomes, in place of the one of its kind. [`Constraints`](super::Constraints) set it.
    pub(super) fn answered_with(mut self, answer: ProblemType) -> Self {
        self.0.answer = Some(answer);
        self
    }

    pub(super) fn answer(&self) -> Option<ProblemType> {
        self.0.answer
    }

    /// The cause, which the log gets in fields of its own.
    pub(super) fn cause(&self) -> Cause {
        let below = Cause::of(self);
        let query = below.and_then(|cause| cause.query.clone());
        // An error that says only that something failed before is about the constraint of that first failure.
        let first = below.filter(|_| matches!(self.kind(), ErrorKind::Aborted | ErrorKind::TransactionLost));
        let constraint = self.0.constraint.clone().or_else(|| first?.constraint.clone());
        let why = self.to_string().into_boxed_str();
        Cause { kind: format!("{:?}", self.kind()), constraint, query, why }
    }

    /// Keeps the underlying error as this one's source.
    #[must_use]
    pub fn caused_by(mut self, source: impl Into<BoxError>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// Marks the error as a mistake of the program and not of the server: it writes although it asked to read only.
    pub(crate) fn by_mistake(mut self) -> Self {
        self.0.mistake = true;
        self
    }

    pub(super) fn is_mistake(&self) -> bool {
        self.0.mistake
    }

    /// The commit of this transaction was sent to the server, and no answer came.
    pub(crate) fn unknown_commit(cause: Self, transaction: Option<TransactionId>) -> Self {
        let mut error = Self::new(ErrorKind::UnknownCommit).caused_by(cause);
        error.0.transaction = transaction;
        error
    }

    /// The kind of the failure.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Whether the whole transaction may be run again because of this error.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        self.kind().is_retryable()
    }

    /// Whether it is unknown if the transaction was committed.
    #[must_use]
    pub fn is_unknown_commit(&self) -> bool {
        self.kind() == ErrorKind::UnknownCommit
    }

    /// The violated constraint by its [name](super::Constraint::new) in the database, if the database reports it.
    #[must_use]
    pub fn constraint(&self) -> Option<&str> {
        self.0.constraint.as_deref()
    }

    /// The violation of the input, if [`Constraints`](super::Constraints) have explained the error.
    #[must_use]
    pub fn violation(&self) -> Option<&Violation> {
        self.0.violation.as_ref()
    }

    pub(super) fn take_violation(&mut self) -> Option<Violation> {
        self.0.violation.take()
    }

    /// The transaction whose commit was cut off, if it ran with
    /// [`TransactionOptions::resolvable`](crate::store::TransactionOptions::resolvable).
    #[must_use]
    pub fn transaction_id(&self) -> Option<&TransactionId> {
        self.0.transaction.as_ref()
    }
}

impl From<ErrorKind> for Error {
    fn from(kind: ErrorKind) -> Self {
        Self::new(kind)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind().as_str())?;
        [self.constraint(), self.reason()].into_iter().flatten().try_for_each(|more| write!(f, ": {more}"))
    }
}

/// The kind, and the error with all its sources in one line, as a `main` that returns it prints it.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", self.kind(), chain(self))
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_main_prints_is_one_line_to_read() {
        let source = Error::new(ErrorKind::ConnectionLost).because("127.0.0.1:5432: refused");
        let error = Error::new(ErrorKind::CheckViolation).with_constraint("stock_check").caused_by(source);
        let line = "CheckViolation: a check does not hold: stock_check: the connection to the database is lost: \
                    127.0.0.1:5432: refused";
        assert_eq!(format!("{error:?}"), line);
        assert_eq!(format!("{error:#?}"), line);
    }

    #[test]
    fn an_error_is_small_and_can_be_sent() {
        fn sendable<T: Send + Sync + 'static>() {}
        sendable::<Error>();
        assert_eq!(size_of::<Error>(), size_of::<usize>());
    }
}
