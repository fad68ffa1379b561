use super::{Error, ErrorKind};
use crate::problem::{IntoProblem, Problem, ProblemType};
use crate::violation::{JsonPointer, Location, Violation};

/// The meaning of a schema's constraints for an input, declared once for all databases.
///
/// A repository lets them [explain](Self::explain) its errors. From then on, the error knows which member of the input
/// it is about. It becomes the same violation that an input rule would have produced, also when a service's own error
/// wraps it.
///
/// ```
/// use buttress::store::{Constraint, Constraints, Error, ErrorKind};
/// use buttress::problem::IntoProblem;
///
/// const ORDERS: Constraints = Constraints::new(&[
///     Constraint::new(&["orders_customer_key", "orders.customer"], "/customer", "taken", "has an order already"),
///     Constraint::new(&["orders_quantity_check"], "/lines/quantity", "range", "must be at least 1"),
/// ]);
///
/// // `…execute(insert).await.map_err(|error| ORDERS.explain(error))?`
/// let error = ORDERS.explain(Error::new(ErrorKind::UniqueViolation).with_constraint("orders.customer"));
/// let violation = error.violation().unwrap();
/// assert_eq!((violation.location().to_string(), violation.code()), ("#/customer".to_owned(), "taken"));
/// assert_eq!(error.into_problem().status(), 409);
/// ```
///
/// An error whose constraint is not declared is the service's own, a 500: the client could not correct it.
///
/// # Other answers
///
/// The service decides what a constraint means to a client:
///
/// ```
/// use buttress::store::{Constraint, Constraints, Error, ErrorKind};
/// use buttress::problem::{ErrorStatus, ProblemType, catalogue};
///
/// const SELF_FOLLOW: ProblemType = ProblemType::new(ErrorStatus::BAD_REQUEST, "self-follow", "Nobody follows themself");
/// const PROFILES: Constraints = Constraints::new(&[
///     // No member of the input is wrong.
///     Constraint::answered_with(&["favorites_user_id_fkey"], catalogue::UNAUTHORIZED),
///     Constraint::answered_with(&["follows_no_self_follow"], SELF_FOLLOW),
///     // Here a member is wrong; the answer is a 422, as for all refused input.
///     Constraint::new(&["users_email_key"], "/email", "taken", "is taken").answering(catalogue::INVALID_INPUT),
/// ]);
///
/// let problem = PROFILES.problem(Error::new(ErrorKind::CheckViolation).with_constraint("follows_no_self_follow"));
/// assert_eq!((problem.status().as_u16(), problem.code()), (400, "self-follow"));
/// let problem = PROFILES.problem(Error::new(ErrorKind::ForeignKeyViolation).with_constraint("favorites_user_id_fkey"));
/// assert_eq!(problem.status(), 401);
/// let problem = PROFILES.problem(Error::new(ErrorKind::UniqueViolation).with_constraint("users_email_key"));
/// assert_eq!((problem.status().as_u16(), problem.violations().total()), (422, 1));
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Constraints(&'static [Constraint]);

/// One of the [`Constraints`] of a schema.
#[derive(Debug, Clone, Copy)]
pub struct Constraint {
    names: &'static [&'static str],
    about: Option<About>,
    answer: Option<ProblemType>,
}

/// The meaning of a constraint for a member of the input.
#[derive(Debug, Clone, Copy)]
struct About {
    pointer: &'static str,
    code: &'static str,
    message: &'static str,
}

/// The name that stands for a foreign key's constraint where the database does not name it.
const FOREIGN_KEY: &str = "FOREIGN KEY";

impl Constraint {
    /// A constraint's names, the member of the body that it is about as a JSON Pointer (RFC 6901), and the code and the
    /// message of the violation.
    ///
    /// Databases name the same constraint differently; all its names may be listed:
    ///
    /// | | PostgreSQL | MySQL, MariaDB | SQLite |
    /// |---|---|---|---|
    /// | unique | `orders_customer_key` | `orders_customer_key` | `orders.tenant, orders.customer`: its columns |
    /// | primary key | `orders_pkey` | `PRIMARY` | `orders.id` |
    /// | foreign key | `orders_customer_fkey` | `orders_customer_fkey` | not reported; `FOREIGN KEY` stands for any |
    /// | check | `orders_quantity_check` | `orders_quantity_check` | `orders_quantity_check` |
    /// | not null | `orders.customer` | `customer`; also found as `orders.customer` | `orders.customer` |
    #[must_use]
    pub const fn new(
        names: &'static [&'static str],
        pointer: &'static str,
        code: &'static str,
        message: &'static str,
    ) -> Self {
        Self { names, about: Some(About { pointer, code, message }), answer: None }
    }

    /// A constraint's names, and the problem that its error becomes. The problem names no member of the input.
    #[must_use]
    pub const fn answered_with(names: &'static [&'static str], problem: ProblemType) -> Self {
        Self { names, about: None, answer: Some(problem) }
    }

    /// Answers with a problem of this type. Defaults to a 409 for a key and a 422 for any other constraint.
    #[must_use]
    pub const fn answering(mut self, problem: ProblemType) -> Self {
        self.answer = Some(problem);
        self
    }

    fn is(&self, name: Option<&str>, kind: ErrorKind) -> bool {
        let name = match name {
            Some(name) => name,
            None if kind == ErrorKind::ForeignKeyViolation => FOREIGN_KEY,
            None => return false,
        };
        let is_column = |declared: &str| declared.rsplit_once('.').is_some_and(|(_, column)| column == name);
        self.names
            .iter()
            .any(|declared| *declared == name || kind == ErrorKind::NotNullViolation && is_column(declared))
    }

    fn explain(&self, mut error: Error) -> Error {
        if let Some(about) = &self.about {
            error = error.with_violation(about.violation());
        }
        match self.answer {
            Some(answer) => error.answered_with(answer),
            None => error,
        }
    }
}

impl About {
    fn violation(&self) -> Violation {
        let mut pointer = JsonPointer::root();
        for token in self.pointer.split('/').skip(1) {
            match token.contains('~') {
                true => pointer.push(&token.replace("~1", "/").replace("~0", "~")),
                false => pointer.push(token),
            }
        }
        Violation::new(Location::Pointer(pointer), self.code, self.message)
    }
}

impl Constraints {
    /// Declares constraints.
    #[must_use]
    pub const fn new(declared: &'static [Constraint]) -> Self {
        Self(declared)
    }

    /// Returns the error. If its constraint is declared, the error then also says what is wrong with the input.
    #[must_use]
    pub fn explain(&self, error: impl Into<Error>) -> Error {
        let error = error.into();
        match self.0.iter().find(|one| one.is(error.constraint(), error.kind())) {
            Some(declared) => declared.explain(error),
            None => error,
        }
    }

    /// The problem of the error. A key that is taken is a 409 and any other declared constraint a 422, with the member
    /// that it is about; the declaration may say otherwise. If the constraint is not declared, the problem is that of
    /// the error itself.
    #[must_use]
    pub fn problem(&self, error: impl Into<Error>) -> Problem {
        self.explain(error).into_problem()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DECLARED: Constraints = Constraints::new(&[
        Constraint::new(&["key", "t.a, t.b"], "/a", "taken", "is taken"),
        Constraint::new(&["t.name"], "/names/a~1b~01", "required", "is required"),
        Constraint::new(&["whole"], "", "match", "do not match"),
        Constraint::new(&["parent_fkey", "FOREIGN KEY"], "/parent", "unknown", "is not there"),
    ]);

    #[test]
    fn a_constraint_is_found_by_each_of_its_names() {
        let cases = [
            (ErrorKind::UniqueViolation, "key", Some("#/a")),
            (ErrorKind::UniqueViolation, "t.a, t.b", Some("#/a")),
            (ErrorKind::UniqueViolation, "t.a", None),
            (ErrorKind::NotNullViolation, "t.name", Some("#/names/a~1b~01")),
            (ErrorKind::NotNullViolation, "name", Some("#/names/a~1b~01")),
            (ErrorKind::NotNullViolation, "ame", None),
            (ErrorKind::UniqueViolation, "name", None),
            (ErrorKind::CheckViolation, "whole", Some("#")),
        ];
        for (kind, name, pointer) in cases {
            let error = DECLARED.explain(Error::new(kind).with_constraint(name));
            let found = error.violation().map(|violation| violation.location().to_string());
            assert_eq!(found.as_deref(), pointer, "{name}");
        }
        assert!(DECLARED.explain(ErrorKind::UniqueViolation).violation().is_none());
        assert!(DECLARED.explain(ErrorKind::ForeignKeyViolation).violation().is_some());
    }
}
