use std::error::Error;
use std::fmt;

use crate::problem::{Catalogue, IntoProblem, Problem, catalogue};

/// The outcome of a patch is not acceptable (422 `invalid-input`), or the value to patch cannot be serialised (a
/// masked 500).
#[derive(Debug, Clone)]
pub struct PatchError(pub(super) Problem);

impl fmt::Display for PatchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a patch cannot be applied")
    }
}

impl Error for PatchError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.0)
    }
}

impl IntoProblem for PatchError {
    const CATALOGUE: Catalogue = Catalogue::new(&[catalogue::INVALID_INPUT, catalogue::INTERNAL], &[]);

    fn into_problem(self) -> Problem {
        self.0
    }
}
