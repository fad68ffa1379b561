use std::error::Error;
use std::fmt;

use http_body_util::LengthLimitError;

use crate::body::BoxError;
use crate::problem::{Catalogue, IntoProblem, Problem, catalogue};

/// The body of a request could not be read to its end.
///
/// A handler that reads the body itself makes this error from the body's error. As a problem, it is a 413
/// `content-too-large`, a 400 `incomplete-body`, or the reason of the layer that ended the body, such as a 408
/// `request-timeout`.
///
/// ```
/// use buttress::Problem;
/// use buttress::handler::BodyError;
/// use http_body_util::{BodyExt, Limited};
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let body = Limited::new(String::from("four score and seven"), 10);
/// let error = body.collect().await.map_err(BodyError::new).unwrap_err();
/// assert!(matches!(error, BodyError::TooLarge(_)));
/// assert_eq!(Problem::from(error).status(), 413);
/// # });
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub enum BodyError {
    /// The body is longer than a [`LengthLimitError`] allows.
    TooLarge(BoxError),
    /// The body ended, or its connection failed, before all of it was received.
    Incomplete(BoxError),
    /// A layer ended the body, for this reason.
    Refused(Problem),
}

impl BodyError {
    /// The meaning of an error of a body: the first [`Problem`] in the chain of its sources, if there is one.
    #[must_use]
    pub fn new(error: impl Into<BoxError>) -> Self {
        let error = error.into();
        match find(&*error) {
            Found::Problem(problem) => Self::Refused(problem),
            Found::TooLarge => Self::TooLarge(error),
            Found::Incomplete => Self::Incomplete(error),
        }
    }

    /// The problem of an error that is only borrowed, without its chain of sources.
    #[cfg_attr(not(feature = "layer"), allow(dead_code, reason = "layers look at errors that they hand on"))]
    pub(crate) fn problem_of(error: &(dyn Error + 'static)) -> Problem {
        match find(error) {
            Found::Problem(problem) => problem,
            Found::TooLarge => Problem::of(catalogue::CONTENT_TOO_LARGE),
            Found::Incomplete => Problem::of(catalogue::INCOMPLETE_BODY),
        }
    }
}

impl IntoProblem for BodyError {
    const CATALOGUE: Catalogue =
        Catalogue::new(&[catalogue::CONTENT_TOO_LARGE, catalogue::INCOMPLETE_BODY, catalogue::REQUEST_TIMEOUT], &[]);

    fn into_problem(self) -> Problem {
        match self {
            Self::TooLarge(error) => Problem::of(catalogue::CONTENT_TOO_LARGE).caused_by_boxed(error),
            Self::Incomplete(error) => Problem::of(catalogue::INCOMPLETE_BODY).caused_by_boxed(error),
            Self::Refused(problem) => problem,
        }
    }
}

impl fmt::Display for BodyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooLarge(_) => "the body is too large",
            Self::Incomplete(_) => "the body ended too early",
            Self::Refused(_) => "a layer ended the body",
        })
    }
}

impl Error for BodyError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::TooLarge(error) | Self::Incomplete(error) => Some(&**error),
            Self::Refused(problem) => Some(problem),
        }
    }
}

enum Found {
    Problem(Problem),
    TooLarge,
    Incomplete,
}

fn find(error: &(dyn Error + 'static)) -> Found {
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
        assert_eq!(BodyError::new(Wrapped(Wrapped(slow.into()).into())).into_problem().code(), "request-timeout");
    }

    #[test]
    fn anything_else_is_an_incomplete_body() {
        let reset = std::io::Error::from(std::io::ErrorKind::ConnectionReset);
        let problem = BodyError::new(Wrapped(reset.into())).into_problem();
        assert_eq!((problem.status().as_u16(), problem.code()), (400, "incomplete-body"));
        assert!(problem.error::<Wrapped>().is_some(), "the error stays behind the problem");
    }
}
