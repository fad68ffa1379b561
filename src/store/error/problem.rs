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
/// A failure that passes by itself is a 503 with `Retry-After`. So is a server that takes no writes, since another may
/// take its place. Everything else is a masked 500:
/// - an undeclared constraint, which is a mistake of the service.
/// - a write where the program itself asked for a read-only session or transaction.
/// - an unknown commit: a client that tried again could do the thing twice.
///
/// Each error is logged once, with the target `buttress::problem`: at level ERROR with all sources if it is the
/// service's fault, and at DEBUG if it is the client's. The event has the kind, the constraint, the summary of the
/// statement, and the code and words of the database. No event holds a value.
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
