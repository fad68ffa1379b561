use std::error::Error;
use std::fmt;

use crate::problem::{Catalogue, IntoProblem, Problem, catalogue};

/// A condition of the request does not hold for the current state: 412 `precondition-failed` (RFC 9110 §15.5.13).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs)]
pub struct PreconditionFailed;

impl fmt::Display for PreconditionFailed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a condition of the request does not hold for the current state")
    }
}

impl Error for PreconditionFailed {}

impl IntoProblem for PreconditionFailed {
    const CATALOGUE: Catalogue = Catalogue::new(&[catalogue::PRECONDITION_FAILED], &[]);

    fn into_problem(self) -> Problem {
        Problem::of(catalogue::PRECONDITION_FAILED).caused_by(self)
    }
}

/// The request has no condition where one is required, or has one that does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum PreconditionError {
    /// There is no `If-Match`: 428 `precondition-required` (RFC 6585 §3).
    Required,
    /// A condition does not hold: 412 `precondition-failed`.
    Failed(PreconditionFailed),
}

impl From<PreconditionFailed> for PreconditionError {
    fn from(failed: PreconditionFailed) -> Self {
        Self::Failed(failed)
    }
}

impl fmt::Display for PreconditionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Required => f.write_str("the request has no If-Match"),
            Self::Failed(failed) => failed.fmt(f),
        }
    }
}

impl Error for PreconditionError {}

impl IntoProblem for PreconditionError {
    const CATALOGUE: Catalogue = Catalogue::new(&[catalogue::PRECONDITION_REQUIRED], &[&PreconditionFailed::CATALOGUE]);

    fn into_problem(self) -> Problem {
        match self {
            Self::Required => Problem::of(catalogue::PRECONDITION_REQUIRED)
                .with_detail("send If-Match with the ETag of what you are changing")
                .caused_by(self),
            Self::Failed(failed) => failed.into_problem(),
        }
    }
}
