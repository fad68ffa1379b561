use crate::violation::{Violation, Violations};

use super::{Catalogue, Problem, catalogue};

/// An error that declares its meaning for a client.
///
/// Derive it: `#[derive(Problem)]` beside `thiserror::Error`. Every such error converts with `?` into a [`Problem`] and
/// can be returned from a handler. See the [module docs](super) for an implementation by hand.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a problem that a client can be shown",
    label = "this error has no status and no code yet",
    note = "add `#[derive(buttress::Problem)]` to `{Self}` and `#[problem(status = …, code = \"…\")]` to its variants"
)]
pub trait IntoProblem {
    /// Every type of problem that this error can become.
    const CATALOGUE: Catalogue;

    /// Converts this error into the problem that the client sees.
    fn into_problem(self) -> Problem;
}

/// Makes `?` work in functions that return a [`Problem`]. A problem is not itself [`IntoProblem`], because this impl
/// would then overlap with `From<T> for T`.
impl<E: IntoProblem> From<E> for Problem {
    fn from(error: E) -> Self {
        error.into_problem()
    }
}

impl<E: IntoProblem> IntoProblem for Box<E> {
    const CATALOGUE: Catalogue = E::CATALOGUE;

    fn into_problem(self) -> Problem {
        (*self).into_problem()
    }
}

/// An error that cannot happen needs no problem.
impl IntoProblem for std::convert::Infallible {
    const CATALOGUE: Catalogue = Catalogue::new(&[], &[]);

    fn into_problem(self) -> Problem {
        match self {}
    }
}

impl IntoProblem for Violations {
    const CATALOGUE: Catalogue = Catalogue::new(&[catalogue::INVALID_INPUT], &[]);

    fn into_problem(self) -> Problem {
        Problem::invalid_input(self)
    }
}

impl IntoProblem for Violation {
    const CATALOGUE: Catalogue = <Violations as IntoProblem>::CATALOGUE;

    fn into_problem(self) -> Problem {
        Violations::from(self).into_problem()
    }
}
