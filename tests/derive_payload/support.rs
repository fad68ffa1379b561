//! Reads an input and lists its violations.

use buttress::Problem;
use buttress::payload::{Payload, ValidationContext, read_json};
use buttress::violation::Violation;

/// The violations of a body: a line for each one, `pointer code message params`.
pub(crate) fn refused<T: Payload>(json: &str) -> Vec<String> {
    refused_with::<T>(json, ValidationContext::new())
}

pub(crate) fn refused_with<T: Payload>(json: &str, check: ValidationContext<'_>) -> Vec<String> {
    match read_json::<T>(json.as_bytes(), check) {
        Ok(_) => Vec::new(),
        Err(problem) => lines(&problem),
    }
}

/// The value of an acceptable body.
pub(crate) fn accepted<T: Payload>(json: &str) -> T {
    read_json(json.as_bytes(), ValidationContext::new()).unwrap_or_else(|problem| panic!("{:?}", lines(&problem)))
}

fn lines(problem: &Problem) -> Vec<String> {
    let mut found = problem.violations().clone();
    found.sort();
    let line = |violation: &Violation| {
        let params: Vec<String> = violation.params().map(|(name, limit)| format!(" {name}={limit}")).collect();
        format!("{} {} {}{}", violation.location(), violation.code(), violation.message(), params.concat())
    };
    found.iter().map(line).collect()
}
