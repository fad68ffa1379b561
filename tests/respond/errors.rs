//! The errors of functions: each says in its catalogue what it becomes, and fits into a service's own error.

use buttress::handler::BodyError;
use buttress::page::{CursorError, CursorKeys, InvalidCursor};
use buttress::payload::PatchError;
use buttress::problem::IntoProblem;
use buttress::respond::{PreconditionError, PreconditionFailed};
use buttress::{EntityTag, Problem};

fn codes<E: IntoProblem>() -> Vec<&'static str> {
    E::CATALOGUE.types().map(|kind| kind.code()).collect()
}

#[test]
fn each_lists_what_it_becomes() {
    assert_eq!(codes::<PreconditionFailed>(), ["precondition-failed"]);
    assert_eq!(codes::<PreconditionError>(), ["precondition-required", "precondition-failed"]);
    assert_eq!(codes::<InvalidCursor>(), ["invalid-input"]);
    assert_eq!(codes::<CursorError>(), ["internal"]);
    assert_eq!(codes::<PatchError>(), ["invalid-input", "internal"]);
    assert_eq!(codes::<BodyError>(), ["content-too-large", "incomplete-body", "request-timeout"]);
}

fn cursor() -> buttress::page::Cursor<u64> {
    CursorKeys::random().unwrap().cursor("list", &()).unwrap()
}

fn all() -> Vec<Problem> {
    let preconditions = crate::precondition::preconditions("PUT", &[]);
    let stale = crate::precondition::preconditions("PUT", &[("if-match", "\"1\"")]);
    let tag = EntityTag::version(2);
    let too_long: CursorError =
        CursorKeys::random().unwrap().cursor::<String>("list", &()).unwrap().encode(&"x".repeat(9_000)).unwrap_err();
    vec![
        preconditions.require(&tag).unwrap_err().into(),
        stale.require(&tag).unwrap_err().into(),
        stale.check(Some(&tag)).unwrap_err().into(),
        cursor().decode("x").unwrap_err().into(),
        too_long.into(),
        BodyError::new(std::io::Error::other("reset")).into(),
    ]
}

#[test]
fn each_becomes_a_type_that_it_lists() {
    let found: Vec<_> = all().iter().map(Problem::code).collect();
    assert_eq!(
        found,
        [
            "precondition-required",
            "precondition-failed",
            "precondition-failed",
            "invalid-input",
            "internal",
            "incomplete-body",
        ]
    );
}

/// A layer that maps problems can tell them by the error behind them.
#[test]
fn the_typed_error_stays_behind_the_problem() {
    let problems = all();
    assert_eq!(problems[0].error(), Some(&PreconditionError::Required));
    assert!(problems[1].error::<PreconditionFailed>().is_some() && problems[2].error::<PreconditionFailed>().is_some());
    assert!(problems[3].error::<InvalidCursor>().is_some());
    assert!(problems[4].error::<CursorError>().is_some());
}

#[cfg(feature = "derive")]
mod in_an_error_of_the_service {
    use super::*;

    #[derive(Debug, thiserror::Error, Problem)]
    enum ChangeError {
        #[error(transparent)]
        #[problem(transparent)]
        Precondition(#[from] PreconditionError),
        #[error(transparent)]
        #[problem(transparent)]
        Cursor(#[from] InvalidCursor),
    }

    fn change(headers: &[(&str, &str)], text: &str) -> Result<u64, ChangeError> {
        crate::precondition::preconditions("PUT", headers).require(&EntityTag::version(2))?;
        Ok(cursor().decode(text)?)
    }

    #[test]
    fn each_converts_by_itself_and_is_listed() {
        assert_eq!(codes::<ChangeError>(), ["precondition-required", "precondition-failed", "invalid-input"]);
        let code = |headers: &[(&str, &str)]| change(headers, "x").unwrap_err().into_problem().code();
        assert_eq!(code(&[]), "precondition-required");
        assert_eq!(code(&[("if-match", "\"1\"")]), "precondition-failed");
        assert_eq!(code(&[("if-match", "\"2\"")]), "invalid-input");
    }
}
