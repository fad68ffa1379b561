//! Every representation that an enum can have.

use buttress::Payload;
use buttress::payload::rule::ValidationError;
use serde::Deserialize;

use crate::support::{accepted, refused};

#[derive(Debug, Deserialize, Payload)]
#[serde(rename_all = "kebab-case")]
struct Card {
    #[validate(length(equal = 4))]
    last_four: String,
}

/// The same variants four times.
macro_rules! payment {
    ($name:ident, #[$serde:meta]) => {
        #[derive(Debug, Deserialize, Payload)]
        #[$serde]
        enum $name {
            Card(Card),
            Voucher {
                #[validate(length(max = 3))]
                code_text: String,
            },
            #[serde(alias = "coins")]
            Cash,
        }
    };
}

payment!(External, #[serde(rename_all = "snake_case", rename_all_fields = "camelCase")]);
payment!(Internal, #[serde(tag = "kind", rename_all = "snake_case", rename_all_fields = "camelCase")]);
payment!(Adjacent, #[serde(tag = "t", content = "c", rename_all = "snake_case", rename_all_fields = "camelCase")]);
payment!(Untagged, #[serde(untagged, rename_all_fields = "camelCase")]);

const FOUR: &str = "length must have exactly 4 characters equal=4";
const THREE: &str = "length must have at most 3 characters max=3";

#[test]
fn externally_tagged() {
    let _: External = accepted(r#""cash""#);
    let _: External = accepted(r#"{"card":{"last-four":"1234"}}"#);
    assert_eq!(refused::<External>(r#"{"card":{"last-four":"1"}}"#), [format!("#/card/last-four {FOUR}")]);
    assert_eq!(refused::<External>(r#"{"voucher":{"codeText":"long"}}"#), [format!("#/voucher/codeText {THREE}")]);
    assert_eq!(refused::<External>(r#""gold""#), ["# variant must be one of card, voucher, cash"]);
}

#[test]
fn internally_tagged() {
    let _: Internal = accepted(r#"{"kind":"coins"}"#);
    assert_eq!(refused::<Internal>(r#"{"kind":"card","last-four":"1"}"#), [format!("#/last-four {FOUR}")]);
    assert_eq!(refused::<Internal>(r#"{"kind":"voucher","codeText":"long"}"#), [format!("#/codeText {THREE}")]);
}

#[test]
fn adjacently_tagged() {
    let _: Adjacent = accepted(r#"{"t":"cash"}"#);
    assert_eq!(refused::<Adjacent>(r#"{"t":"card","c":{"last-four":"1"}}"#), [format!("#/c/last-four {FOUR}")]);
    assert_eq!(refused::<Adjacent>(r#"{"t":"voucher","c":{"codeText":"long"}}"#), [format!("#/c/codeText {THREE}")]);
}

#[test]
fn untagged() {
    let _: Untagged = accepted("null");
    assert_eq!(refused::<Untagged>(r#"{"last-four":"1"}"#), [format!("#/last-four {FOUR}")]);
    assert_eq!(refused::<Untagged>(r#"{"codeText":"long"}"#), [format!("#/codeText {THREE}")]);
}

#[derive(Debug, Deserialize, Payload)]
struct Order {
    n: u8,
    payments: Vec<External>,
    level: Level,
    shape: Figure,
}

#[derive(Debug, Deserialize, Payload)]
#[serde(rename_all = "lowercase")]
enum Level {
    Low,
    #[serde(other)]
    Unknown,
}

fn flat(figure: &Figure) -> Result<(), ValidationError> {
    match figure {
        Figure::Box(_, _, height) if *height > 1 => Err(ValidationError::new("flat")),
        _ => Ok(()),
    }
}

#[derive(Debug, Deserialize, Payload)]
#[validate(schema(function = flat))]
enum Figure {
    Box(#[validate(range(max = 9))] u8, u8, u8),
    #[serde(skip)]
    #[allow(dead_code)]
    Secret(u8),
}

#[test]
fn enums_inside_are_walked() {
    let order: Order = accepted(r#"{"n":1,"payments":[],"level":"high","shape":{"Box":[1,2,1]}}"#);
    assert!(matches!((order.n, order.level, order.payments.len()), (1, Level::Unknown, 0)));
    assert_eq!(
        refused::<Order>(
            r#"{"n":"x","payments":["cash",{"card":{"last-four":"1"}}],"level":"low","shape":{"Box":[10,1,1]}}"#
        ),
        [
            "#/n type must be an integer".to_owned(),
            format!("#/payments/1/card/last-four {FOUR}"),
            "#/shape/Box/0 range must be at most 9 max=9".to_owned(),
        ]
    );
    assert_eq!(
        refused::<Order>(r#"{"n":1,"payments":[],"level":"low","shape":{"Box":[1,1,2]}}"#),
        ["#/shape flat is not acceptable"]
    );
}
