use super::{Error, Kind};
use crate::problem::catalogue::{CONFLICT, INVALID_INPUT};
use crate::problem::{IntoProblem, Problem};
use crate::violation::{At, Violation, Violations};

/// Which member of an input each constraint of the schema is about, declared once.
///
/// A constraint is named as the database names it; SQLite names a unique key by its columns, so both names may be
/// declared. What a member is called is what the client wrote.
///
/// ```
/// use buttress::Problem;
/// use buttress::data::{Constraints, Error, Kind};
///
/// const ORDERS: Constraints = Constraints::new(&[
///     ("orders_customer_key", "customer", "taken", "has an order already"),
///     ("orders.customer", "customer", "taken", "has an order already"),
/// ]);
///
/// let error = Error::new(Kind::UniqueViolation).with_constraint("orders_customer_key");
/// let problem = ORDERS.problem(error);
/// assert_eq!(problem.status(), 409);
/// assert_eq!(problem.violations().iter().next().unwrap().location().to_string(), "#/customer");
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Constraints(&'static [(&'static str, &'static str, &'static str, &'static str)]);

impl Constraints {
    /// Declares constraints: the name in the schema; the member of the body, with `/` between levels; the code and the
    /// message of the violation.
    #[must_use]
    pub const fn new(declared: &'static [(&'static str, &'static str, &'static str, &'static str)]) -> Self {
        Self(declared)
    }

    /// What the error says about the input, if its constraint is declared.
    #[must_use]
    pub fn violation(&self, error: &Error) -> Option<Violation> {
        let name = error.constraint()?;
        let (_, member, code, message) = self.0.iter().find(|(declared, ..)| *declared == name)?;
        Some(at(&At::body(), member, code, message))
    }

    /// The problem of the error: 409 for a key that is taken, 422 for a value that is not acceptable, with the member
    /// that it is about; or what the error is by itself, if its constraint is not declared.
    #[must_use]
    pub fn problem(&self, error: Error) -> Problem {
        let Some(violation) = self.violation(&error) else { return error.into_problem() };
        let kind = match error.kind() {
            Kind::UniqueViolation | Kind::ExclusionViolation => CONFLICT,
            _ => INVALID_INPUT,
        };
        Problem::of(kind).with_violations(Violations::from(violation)).caused_by(error)
    }
}

fn at(here: &At<'_>, path: &'static str, code: &'static str, message: &'static str) -> Violation {
    match path.split_once('/') {
        Some((first, rest)) => at(&here.member(first), rest, code, message),
        None => Violation::at(&here.member(path), code, message),
    }
}
