//! Names and types that could clash with the code that the derive writes.

use serde::Deserialize;

use crate::support::{accepted, refused};

// Names with another meaning in the prelude and the crate.
#[allow(dead_code, non_camel_case_types)]
type Option = u8;
#[allow(dead_code)]
struct Some;
#[allow(dead_code)]
struct ValidationContext;
#[allow(dead_code)]
struct InputPath;
#[allow(dead_code)]
mod payload {}
#[allow(dead_code)]
mod rule {}

#[derive(Deserialize, buttress::Payload)]
struct Names {
    #[validate(range(max = 1))]
    value: u8,
    #[validate(range(max = 1))]
    at: u8,
    #[validate(range(max = 1))]
    check: u8,
    #[validate(range(max = 1))]
    node: u8,
    #[validate(range(max = 1))]
    r#match: u8,
    option: Option,
}

#[test]
fn fields_may_be_called_anything() {
    let names: Names = accepted(r#"{"value":1,"at":1,"check":1,"node":1,"match":1,"option":9}"#);
    assert_eq!(names.value + names.at + names.check + names.node + names.r#match + names.option, 14);
    assert_eq!(refused::<Names>(r#"{"value":2,"at":2,"check":2,"node":2,"match":2,"option":2}"#).len(), 5);
}

#[derive(Deserialize, buttress::Payload)]
enum Never {}

#[derive(Deserialize, buttress::Payload)]
struct Empty {}

#[derive(Deserialize, buttress::Payload)]
struct Odd<T = u8, const N: usize = 2>
where
    T: Clone,
{
    never: std::option::Option<Never>,
    empty: Empty,
    bytes: Vec<T>,
    #[serde(skip)]
    marker: std::marker::PhantomData<[u8; N]>,
}

#[test]
fn types_may_be_odd() {
    let odd: Odd = accepted(r#"{"empty":{},"bytes":[1]}"#);
    assert!(odd.never.is_none() && odd.bytes == [1]);
    let (Empty {}, std::marker::PhantomData) = (odd.empty, odd.marker);
    assert_eq!(refused::<Odd>(r#"{"empty":{},"bytes":["x"]}"#), ["#/bytes/0 type must be an integer"]);
}

mod elsewhere {
    pub(super) use buttress as renamed;
}

#[derive(Deserialize, buttress::Payload)]
#[payload(crate = "self::elsewhere::renamed")]
struct Vendored {
    #[validate(length(min = 1))]
    text: String,
}

#[test]
fn the_crate_may_be_somewhere_else() {
    assert_eq!(accepted::<Vendored>(r#"{"text":"a"}"#).text, "a");
    assert_eq!(refused::<Vendored>(r#"{"text":""}"#).len(), 1);
}

#[derive(Deserialize, buttress::Payload)]
#[payload(bound = "T: buttress::payload::Payload + Clone")]
struct Bound<T> {
    inner: T,
}

#[test]
fn bounds_may_be_written_out() {
    assert_eq!(accepted::<Bound<u8>>(r#"{"inner":1}"#).inner, 1);
}
