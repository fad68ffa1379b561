//! The contents of a page about a problem type: its description and the names of its members.

use buttress::Problem;
use buttress::problem::{ErrorStatus, IntoProblem, ProblemType, catalogue};

#[derive(Debug, thiserror::Error, Problem)]
#[allow(dead_code, reason = "only its catalogue is read")]
enum ShopError {
    /// There are fewer pieces
    /// than were ordered.
    ///
    /// A second paragraph.
    #[error("{sku} is out of stock")]
    #[problem(status = 409)]
    OutOfStock {
        #[problem(member)]
        sku: String,
        #[problem(member = "unitsLeft")]
        left: u32,
    },
    /// Not for clients.
    #[error("another shop has it")]
    #[problem(status = 409, code = "out-of-stock", description = "There are fewer pieces than were ordered.")]
    SoldElsewhere {
        #[problem(member)]
        sku: String,
        #[problem(member)]
        shop: Option<String>,
    },
    #[error("gone")]
    #[problem(status = 410)]
    Gone,
    /// The key of the payment provider has expired.
    #[error("payments")]
    #[problem(status = 502, code = "payments")]
    Payments {
        #[problem(member)]
        provider: String,
    },
    /// The database is at 10.0.0.7.
    #[error("database")]
    #[problem(status = 503, description = "The shop is down for now.")]
    Database,
}

fn kind(code: &str) -> &'static ProblemType {
    ShopError::CATALOGUE.find(code).unwrap()
}

#[test]
fn a_description_comes_from_the_attribute_or_the_first_paragraph_of_the_doc_comment() {
    assert_eq!(kind("out-of-stock").description(), Some("There are fewer pieces than were ordered."));
    assert_eq!(kind("gone").description(), None);
    assert_eq!(kind("unavailable").description(), Some("The shop is down for now."));
}

/// A type that several variants share is listed once, with the members of all of them.
#[test]
fn members_are_listed_by_their_names_on_the_wire() {
    assert_eq!(kind("out-of-stock").members(), ["sku", "unitsLeft", "shop"]);
    assert!(kind("gone").members().is_empty());
    let codes: Vec<_> = ShopError::CATALOGUE.types().map(ProblemType::code).collect();
    assert_eq!(codes, ["out-of-stock", "gone", "payments", "unavailable"]);
}

/// No response shows them, so no page promises them; and a doc comment there is for the service's developers.
#[test]
fn a_server_error_lists_neither_its_members_nor_its_doc_comment() {
    assert_eq!((kind("payments").description(), kind("payments").members()), (None, &[][..]));
}

#[test]
fn every_type_of_the_crate_has_a_description() {
    for kind in [catalogue::BAD_REQUEST, catalogue::UNAUTHORIZED, catalogue::INTERNAL, catalogue::INSUFFICIENT_STORAGE]
    {
        let description = kind.description().unwrap();
        assert!(description.ends_with('.') && !description.starts_with(' '), "{description:?}");
    }
}

#[test]
fn no_response_has_the_description() {
    const GONE: ProblemType =
        ProblemType::new(ErrorStatus::GONE, "gone", "Gone").with_description("It left.").with_members(&["since"]);
    let problem = Problem::of(GONE).with_member("since", 5);
    assert_eq!(problem.render(), r#"{"title":"Gone","status":410,"code":"gone","since":5}"#);
    assert_eq!((GONE.description(), GONE.members()), (Some("It left."), &["since"][..]));
}
