//! The messages for a client whose value a conversion refuses.

use std::str::FromStr;

use buttress::Payload;
use serde::{Deserialize, Deserializer};

use crate::support::{accepted, refused};

#[derive(Debug, Deserialize, Payload)]
#[serde(try_from = "String")]
#[payload(message = "must be an ISBN", code = "isbn")]
struct Isbn(String);

impl TryFrom<String> for Isbn {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if text.len() == 3 { Ok(Self(text)) } else { Err(format!("{text} is no ISBN")) }
    }
}

#[derive(Debug, Deserialize, Payload)]
#[serde(try_from = "String")]
struct Even(String);

impl TryFrom<String> for Even {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, &'static str> {
        if text.len().is_multiple_of(2) { Ok(Self(text)) } else { Err("must have an even number of letters") }
    }
}

#[derive(Debug, Deserialize, Payload)]
#[serde(try_from = "String")]
struct Silent(String);

impl TryFrom<String> for Silent {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if text == "good" { Ok(Self(text)) } else { Err(format!("{text} is not good")) }
    }
}

/// A type of another crate that is read by its `FromStr`.
#[derive(Debug)]
struct Hex(#[allow(dead_code)] u32);

impl FromStr for Hex {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        u32::from_str_radix(text, 16).map(Self).map_err(|_| "must be a hexadecimal number")
    }
}

impl<'de> Deserialize<'de> for Hex {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(|why| serde::de::Error::custom(format!("{text}: {why}")))
    }
}

#[derive(Debug, Deserialize, Payload)]
#[serde(transparent)]
#[payload(message = "must be a colour", code = "colour")]
struct Colour(#[payload(leaf)] Hex);

fn parsed<'de, D: Deserializer<'de>, T: FromStr<Err = &'static str>>(deserializer: D) -> Result<T, D::Error> {
    String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
}

/// A type with rules of its own beside its conversion.
#[derive(Debug, Deserialize, Payload)]
#[serde(try_from = "String")]
struct Ruled(#[validate(length(max = 3))] String);

impl TryFrom<String> for Ruled {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if text.contains('+') { Err(text) } else { Ok(Self(text)) }
    }
}

#[derive(Debug, Deserialize, Payload)]
struct Shelf {
    #[payload(message = "must have no plus", code = "plus")]
    ruled: Ruled,
    n: u8,
}

#[test]
fn the_words_of_a_place_leave_its_type_its_rules() {
    let _: Shelf = accepted(r#"{"ruled":"abc","n":1}"#);
    assert_eq!(refused::<Shelf>(r#"{"ruled":"+","n":1}"#), ["#/ruled plus must have no plus"]);
    let long = "#/ruled length must have at most 3 characters max=3";
    assert_eq!(refused::<Shelf>(r#"{"ruled":"abcd","n":1}"#), [long]);
    assert_eq!(refused::<Shelf>(r#"{"ruled":"abcd","n":"x"}"#), ["#/n type must be an integer", long]);
}

#[derive(Debug, Deserialize, Payload)]
struct Book {
    isbn: Isbn,
    even: Even,
    silent: Silent,
    #[payload(message = "must be good")]
    good: Silent,
    #[payload(leaf)]
    hex: Vec<Hex>,
    #[payload(leaf, message = "must be hex", code = "hex")]
    worded: Hex,
    colour: Colour,
    #[serde(deserialize_with = "parsed")]
    read: Hex,
}

#[test]
fn the_author_s_words_reach_the_client() {
    let book: Book = accepted(
        r#"{"isbn":"123","even":"ab","silent":"good","good":"good","hex":["ff"],"worded":"f","colour":"0","read":"1"}"#,
    );
    assert_eq!((book.isbn.0.as_str(), book.even.0.as_str(), book.silent.0.as_str()), ("123", "ab", "good"));
    let _ = (book.good.0, book.hex, book.worded, book.colour.0, book.read);
    let secret = "S3cret+";
    let body =
        r#"{"isbn":"?","even":"?","silent":"?","good":"?","hex":["ff","?"],"worded":"?","colour":"?","read":"?"}"#;
    let found = refused::<Book>(&body.replace('?', secret));
    assert_eq!(
        found,
        [
            "#/colour colour must be a colour",
            "#/even type must have an even number of letters",
            "#/good type must be good",
            "#/hex/1 type must be a hexadecimal number",
            "#/isbn isbn must be an ISBN",
            "#/read type must be a hexadecimal number",
            "#/silent type is not acceptable",
            "#/worded hex must be hex",
        ]
    );
    assert_eq!(refused::<Isbn>("7"), ["# type must be a string"]);
}
