use http::{Extensions, StatusCode};

use crate::layer::reported::Reported;
use crate::problem::{Cause, Problem};

/// Why a request failed, as its final event says it.
#[derive(Debug, Default)]
pub(super) struct Failure {
    pub(super) variant: Option<&'static str>,
    pub(super) cause: Option<Cause>,
    pub(super) detail: Option<String>,
    /// The error with all its sources.
    pub(super) error: Option<String>,
}

impl Failure {
    /// The server's own failure, if it has not been logged yet. From here on, this layer has to log it.
    pub(super) fn of(status: StatusCode, extensions: &Extensions) -> Option<Self> {
        let problem = extensions.get::<Problem>();
        let failed = status.is_server_error() || problem.is_some_and(Problem::is_fault);
        if !failed || extensions.get::<Reported>().is_some() {
            return None;
        }
        Some(problem.map_or_else(Self::default, |problem| {
            problem.set_logged();
            let (variant, detail) = (problem.variant(), problem.detail().map(str::to_owned));
            Self { variant, cause: problem.cause().cloned(), detail, error: problem.chain() }
        }))
    }
}
