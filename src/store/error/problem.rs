use std::time::Duration;

use super::{Error, ErrorKind};
use crate::problem::catalogue::{CONFLICT, INTERNAL, INVALID_INPUT, OVERLOADED, UNAVAILABLE};
use crate::problem::{Catalogue, IntoProblem, Problem};
use crate::violation::Violations;

/// How long a client is asked to wait before it retries on a store that is busy or down.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// An error is the client's fault in two cases: a [declared](super::Constraints) constraint is violated, or a bound
/// value cannot be stored ([`ErrorKind::InvalidValue`], a 422). A declared key that is taken is a 409, and any other
/// declared constraint a 422, unless the declaration says otherwise.
///
/// A constraint that nobody declared is a mistake of the service, and a masked 500 as all else is. A failure that passes by itself is a
/// 503 with `Retry-After`; an unknown commit is not, since a client that tried again could do the thing twice. A server that
/// takes no writes is a 503, since another may take its place; a write in a session or transaction that was to read only is
/// a 500.
///
/// The log has one event of it, target `buttress::problem`: at level ERROR with all sources where it is the service's, and
/// at DEBUG where it is the client's, with the kind, the constraint, the summary of the statement, and the code and words
/// of the database. No value is in either.
impl IntoProblem for Error {
    const CATALOGUE: Catalogue = Catalogue::new(&[CONFLICT, INVALID_INPUT, OVERLOADED, UNAVAILABLE, INTERNAL], &[]);

    fn into_problem(mut self) -> Problem {
        let violation = self.take_violation();
        let problem = match (self.answer(), violation) {
            (Some(answer), Some(violation)) => Problem::of(answer).with_violations(violation),
            (Some(answer), None) => Problem::of(answer),
            (None, Some(violation)) => explained(self.kind(), violation.into()),
            (None, None) if self.is_mistake() => Problem::of(INTERNAL),
            (None, None) => by_kind(self.kind()),
        };
        let cause = self.cause();
        problem.with_cause(cause).caused_by(self)
    }
}

fn by_kind(kind: ErrorKind) -> Problem {
    match kind {
        ErrorKind::InvalidValue => Problem::of(INVALID_INPUT),
        ErrorKind::PoolExhausted
        | ErrorKind::TooManyConnections
        | ErrorKind::LockTimeout
        | ErrorKind::Serialization
        | ErrorKind::Deadlock => Problem::of(OVERLOADED).with_retry_after(RETRY_AFTER),
        ErrorKind::StaleStatement
        | ErrorKind::StatementTimeout
        | ErrorKind::TransactionTimeout
        | ErrorKind::DeadlineExceeded
        | ErrorKind::ConnectionLost
        | ErrorKind::PoolClosed
        | ErrorKind::ReadOnly
        | ErrorKind::OutOfResources => Problem::of(UNAVAILABLE).with_retry_after(RETRY_AFTER),
        _ => Problem::of(INTERNAL),
    }
}

fn explained(kind: ErrorKind, violations: Violations) -> Problem {
    match kind {
        ErrorKind::UniqueViolation | ErrorKind::ExclusionViolation => Problem::of(CONFLICT).with_violations(violations),
        _ => Problem::invalid_input(violations),
    }
}
