use std::error::Error as StdError;

use http_body_util::LengthLimitError;

use crate::body::BoxError;
use crate::problem::{Problem, catalogue};

/// Turns the error of a request body that could not be read into the problem for the client.
///
/// A layer that ends a body states the reason: this is the first [`Problem`] in the chain of sources. A
/// [`LengthLimitError`] is a 413. Any other error means that the rest of the body never came: 400 `incomplete-body`.
///
/// ```
/// use buttress::handler::read_problem;
/// use http_body_util::{BodyExt, Limited};
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let body = Limited::new(String::from("four score and seven"), 10);
/// let problem = body.collect().await.map_err(read_problem).unwrap_err();
/// assert_eq!((problem.status().as_u16(), problem.code()), (413, "content-too-large"));
/// # });
/// ```
#[must_use]
pub fn read_problem(error: impl Into<BoxError>) -> Problem {
    let error = error.into();
    match find(&*error) {
        Found::Problem(problem) => problem,
        Found::TooLarge => Problem::of(catalogue::CONTENT_TOO_LARGE).caused_by_boxed(error),
        Found::Incomplete => Problem::of(catalogue::INCOMPLETE_BODY).caused_by_boxed(error),
    }
}

/// As [`read_problem`], of an error that somebody else is given.
pub(crate) fn read_failure(error: &(dyn StdError + 'static)) -> Problem {
    match find(error) {
        Found::Problem(problem) => problem,
        Found::TooLarge => Problem::of(catalogue::CONTENT_TOO_LARGE),
        Found::Incomplete => Problem::of(catalogue::INCOMPLETE_BODY),
    }
}

enum Found {
    Problem(Problem),
    TooLarge,
    Incomplete,
}

fn find(error: &(dyn StdError + 'static)) -> Found {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(problem) = error.downcast_ref::<Problem>() {
            return Found::Problem(problem.clone());
        }
        if error.is::<LengthLimitError>() {
            return Found::TooLarge;
        }
        next = error.source();
    }
    Found::Incomplete
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("wrapped")]
    struct Wrapped(#[source] BoxError);

    #[test]
    fn finds_a_problem_in_the_chain() {
        let slow = Problem::of(catalogue::REQUEST_TIMEOUT);
        assert_eq!(read_problem(Wrapped(Wrapped(slow.into()).into())).code(), "request-timeout");
    }

    #[test]
    fn anything_else_is_an_incomplete_body() {
        let reset = std::io::Error::from(std::io::ErrorKind::ConnectionReset);
        let problem = read_problem(Wrapped(reset.into()));
        assert_eq!((problem.status().as_u16(), problem.code()), (400, "incomplete-body"));
        assert!(problem.error::<Wrapped>().is_some(), "the error stays behind the problem");
    }
}
