//! Shapes of structs: newtypes, tuples, generics, recursion, conversions.

use std::collections::BTreeMap;

use buttress::Payload;
use buttress::payload::TypeSet;
use buttress::schema::{HasSchema, Kind};
use serde::Deserialize;

use crate::support::{accepted, refused};

#[derive(Debug, Deserialize, Payload)]
struct Sku(
    #[validate(length(min = 3))]
    #[payload(trim)]
    String,
);

#[derive(Debug, Deserialize, Payload)]
#[serde(transparent)]
struct Quantity {
    #[validate(range(min = 1))]
    number: u32,
}

#[derive(Debug, Deserialize, Payload)]
struct Point(#[validate(range(max = 90))] i8, #[validate(range(max = 180))] i16);

#[derive(Debug, Deserialize, Payload)]
struct Nothing;

#[derive(Debug, Deserialize, Payload)]
struct Thing {
    sku: Sku,
    quantity: Quantity,
    place: Point,
    nothing: Option<Nothing>,
}

#[test]
fn newtypes_and_tuples_stand_for_what_they_hold() {
    let thing: Thing = accepted(r#"{"sku":" abc ","quantity":1,"place":[1,2],"nothing":null}"#);
    assert_eq!((thing.sku.0.as_str(), thing.quantity.number, thing.place.0, thing.place.1), ("abc", 1, 1, 2));
    assert!(thing.nothing.is_none());
    let expected = [
        "#/place/0 range must be at most 90 max=90",
        "#/place/1 range must be at most 180 max=180",
        "#/quantity range must be at least 1 min=1",
        "#/sku length must have at least 3 characters min=3",
    ];
    assert_eq!(refused::<Thing>(r#"{"sku":" a ","quantity":0,"place":[91,181]}"#), expected);
    let mut with_type_error = expected.to_vec();
    with_type_error.insert(0, "#/nothing type must be null");
    assert_eq!(refused::<Thing>(r#"{"sku":" a ","quantity":0,"place":[91,181],"nothing":1}"#), with_type_error);
}

#[derive(Debug, Deserialize, Payload)]
struct Page<T, K>
where
    K: Ord + AsRef<str>,
{
    #[validate(length(max = 2))]
    items: Vec<T>,
    by_name: BTreeMap<K, T>,
}

#[test]
fn generics_ask_their_parameters() {
    let body = r#"{"items":[{"number":1},0],"by_name":{"a":0}}"#;
    assert_eq!(
        refused::<Page<Quantity, Name>>(body),
        [
            "#/by_name/a range must be at least 1 min=1",
            "#/items/0 type must be an integer",
            "#/items/1 range must be at least 1 min=1"
        ]
    );
}

#[derive(Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord, Payload)]
struct Name(String);

impl AsRef<str> for Name {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

#[derive(Debug, Deserialize, Payload)]
struct Tree {
    #[validate(range(max = 9))]
    n: u8,
    #[serde(default)]
    #[validate(length(max = 2))]
    kids: Vec<Tree>,
    next: Option<Box<Self>>,
}

#[test]
fn a_type_may_contain_itself() {
    assert!(!Tree::needs_walk(&mut TypeSet::new()));
    let found = refused::<Tree>(r#"{"n":10,"kids":[{"n":10,"kids":[{"n":"x"}]}],"next":{"n":10}}"#);
    assert_eq!(
        found,
        [
            "#/kids/0/kids/0/n type must be an integer",
            "#/kids/0/n range must be at most 9 max=9",
            "#/n range must be at most 9 max=9",
            "#/next/n range must be at most 9 max=9",
        ]
    );
}

#[derive(Debug, Deserialize, Payload)]
struct Aliased {
    #[serde(alias = "b")]
    _a: u8,
}

#[test]
fn a_member_that_is_given_again_is_found_among_few_and_many() {
    for others in [0, 40] {
        let others: String = (0..others).map(|n| format!(r#","x{n}":0"#)).collect();
        let found = refused::<Aliased>(&format!(r#"{{"b":1{others},"_a":2,"b":3}}"#));
        assert_eq!(found, ["#/_a duplicate is given twice", "#/b duplicate is given twice"]);
    }
}

/// Each type contains the next one, and the last one has more bounds than serde requires.
macro_rules! nested {
    ($outer:ident $inner:ident $($more:ident)*) => {
        #[derive(Debug, Deserialize, Payload)]
        struct $outer {
            inner: Option<Vec<Box<$inner>>>,
            back: Option<Box<A>>,
        }
        nested! { $inner $($more)* }
    };
    ($last:ident) => {
        #[derive(Debug, Deserialize, Payload)]
        #[payload(deny_unknown)]
        struct $last {
            back: Option<Box<A>>,
        }
    };
}

nested! { A B C D E F }

#[test]
fn what_serde_lets_through_is_refused_however_deep() {
    let input = |last: &str| (0..5).fold(last.to_owned(), |inner, _| format!(r#"{{"inner":[{inner}]}}"#));
    accepted::<A>(&input("{}"));
    let found = refused::<A>(&input(r#"{"x":1}"#));
    assert_eq!(found, ["#/inner/0/inner/0/inner/0/inner/0/inner/0/x unknown is not known"]);
}

/// A type of another crate, which is not a payload.
#[derive(Debug, Deserialize)]
struct Foreign {
    cents: u32,
}

#[derive(Debug, Deserialize, Payload)]
#[serde(try_from = "String")]
struct Word(#[validate(length(max = 3))] String);

impl TryFrom<String> for Word {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if text.contains(' ') { Err(format!("{text} has spaces")) } else { Ok(Self(text)) }
    }
}

#[derive(Debug, Deserialize, Payload)]
struct Foreigners {
    #[payload(leaf)]
    money: Foreign,
    word: Word,
}

#[test]
fn leaves_are_read_as_a_whole() {
    let all: Foreigners = accepted(r#"{"money":{"cents":1},"word":"abc"}"#);
    assert_eq!((all.money.cents, all.word.0.as_str()), (1, "abc"));
    let found = refused::<Foreigners>(r#"{"money":{"cents":"x"},"word":"a b"}"#);
    assert!(found.iter().any(|line| line.starts_with("#/money")), "{found:?}");
    assert!(found.iter().any(|line| line.starts_with("#/word type")), "{found:?}");
    assert!(!found.concat().contains("a b"), "{found:?}");
    assert_eq!(
        refused::<Foreigners>(r#"{"money":{"cents":1},"word":"abcd"}"#),
        ["#/word length must have at most 3 characters max=3"]
    );
}

#[test]
fn tables_say_what_a_type_looks_like() {
    let Kind::Object(thing) = Thing::schema().kind() else { panic!("a struct is an object") };
    assert_eq!((thing.entries().len(), thing.denies_unknown(), thing.hook().is_some()), (4, false, false));
    assert!(matches!(Point::schema().kind(), Kind::Tuple([_, _])));
    assert!(matches!(Nothing::schema().kind(), Kind::Null));
    assert!(matches!(Word::schema().kind(), Kind::Newtype(_)));
}
