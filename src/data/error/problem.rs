use std::time::Duration;

use super::{Error, Kind};
use crate::problem::catalogue::{CONFLICT, INTERNAL, INVALID_INPUT, OVERLOADED, UNAVAILABLE};
use crate::problem::{Catalogue, IntoProblem, Problem};
use crate::violation::Violations;

/// How long a client is asked to stay away from a store that is busy or down.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// Unique, exclusion and foreign keys are a 409: the request disagrees with what is stored. A check, a missing or an
/// impossible value is a 422. What passes is a 503 with `Retry-After`. All else is a masked 500, and so is an unknown
/// commit: a client that tried again could do the thing twice.
///
/// Which member of the input was it? [`Constraints`](super::Constraints) say; then a reference that does not hold is a
/// 422, too.
impl IntoProblem for Error {
    const CATALOGUE: Catalogue = Catalogue::new(&[CONFLICT, INVALID_INPUT, OVERLOADED, UNAVAILABLE, INTERNAL], &[]);

    fn into_problem(mut self) -> Problem {
        if let Some(violation) = self.take_violation() {
            return explained(self.kind(), violation.into()).caused_by(self);
        }
        let problem = match self.kind() {
            Kind::UniqueViolation | Kind::ExclusionViolation | Kind::ForeignKeyViolation => Problem::of(CONFLICT),
            Kind::CheckViolation | Kind::NotNullViolation | Kind::InvalidValue => Problem::of(INVALID_INPUT),
            Kind::PoolExhausted
            | Kind::TooManyConnections
            | Kind::LockTimeout
            | Kind::Serialization
            | Kind::Deadlock => Problem::of(OVERLOADED).with_retry_after(RETRY_AFTER),
            Kind::StaleStatement
            | Kind::StatementTimeout
            | Kind::TransactionTimeout
            | Kind::DeadlineExceeded
            | Kind::ConnectionLost
            | Kind::PoolClosed
            | Kind::ReadOnly
            | Kind::OutOfResources => Problem::of(UNAVAILABLE).with_retry_after(RETRY_AFTER),
            _ => Problem::of(INTERNAL),
        };
        problem.caused_by(self)
    }
}

fn explained(kind: Kind, violations: Violations) -> Problem {
    match kind {
        Kind::UniqueViolation | Kind::ExclusionViolation => Problem::of(CONFLICT).with_violations(violations),
        _ => Problem::invalid_input(violations),
    }
}
