use std::error::Error;
use std::fmt;

use super::link::PARAMETER;
use crate::problem::{Catalogue, IntoProblem, Problem, catalogue};
use crate::violation::{InputPath, Violation};

/// The cursor of a request cannot be used: 422 `invalid-input`, with a violation of the parameter `cursor`.
///
/// It is damaged, or belongs to another list, sort or filter, or the key that signed it is no longer known. The error
/// does not say which, so that an attacker learns nothing by trying.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidCursor(pub(super) ());

impl From<InvalidCursor> for Violation {
    fn from(_: InvalidCursor) -> Self {
        let at = InputPath::parameters();
        Self::at(&at.member(PARAMETER), "cursor", "must be the next of a page with the same filter and sort")
    }
}

impl fmt::Display for InvalidCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the cursor is not one of this list, sort and filter")
    }
}

impl Error for InvalidCursor {}

impl IntoProblem for InvalidCursor {
    const CATALOGUE: Catalogue = Catalogue::new(&[catalogue::INVALID_INPUT], &[]);

    fn into_problem(self) -> Problem {
        Problem::invalid_input(Violation::from(self).into()).caused_by(self)
    }
}

/// A cursor cannot be made: a masked 500, since the service gave a sort key or a scope that a cursor cannot hold.
#[derive(Debug)]
pub struct CursorError(pub(super) CursorFailure);

#[derive(Debug)]
pub(super) enum CursorFailure {
    NotJson(serde_json::Error),
    NoKey,
    TooLong,
}

impl fmt::Display for CursorError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            CursorFailure::NotJson(error) => error.fmt(f),
            CursorFailure::NoKey => f.write_str("no key to sign a cursor with"),
            CursorFailure::TooLong => f.write_str("a cursor's key is too long"),
        }
    }
}

impl Error for CursorError {}

impl IntoProblem for CursorError {
    const CATALOGUE: Catalogue = Catalogue::new(&[catalogue::INTERNAL], &[]);

    fn into_problem(self) -> Problem {
        Problem::internal(self)
    }
}
