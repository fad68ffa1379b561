//! A leaf within options, lists and maps keeps its place.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use buttress::Payload;
use serde::{Deserialize, Deserializer};

use crate::support::{accepted, refused};

/// A type of another crate, whose error is meant for a programmer.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Id(String);

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl serde::de::Visitor<'_> for Visitor {
            type Value = Id;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a formatted `other::Id` string")
            }
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Id, E> {
                if text.len() == 2 { Ok(Id(text.to_owned())) } else { Err(E::invalid_length(text.len(), &self)) }
            }
        }
        deserializer.deserialize_str(Visitor)
    }
}

#[derive(Debug, Deserialize, Payload)]
struct All {
    #[payload(leaf)]
    id: Id,
    #[payload(leaf)]
    #[validate(length(max = 2))]
    ids: Vec<Id>,
    #[payload(leaf, message = "must be an id of two letters", code = "id")]
    maybe: Option<Vec<Option<Id>>>,
    #[payload(leaf)]
    by_id: HashMap<Id, Vec<Id>>,
    #[payload(leaf)]
    by_number: BTreeMap<u32, Id>,
    #[payload(leaf)]
    set: BTreeSet<Id>,
    #[payload(leaf)]
    pair: (Id, u8),
    #[payload(leaf)]
    two: [Id; 2],
    #[payload(leaf)]
    boxed: Option<Box<Id>>,
}

#[test]
fn a_leaf_within_a_list_or_a_map_keeps_its_place() {
    let _: All = accepted(
        r#"{"id":"aa","ids":["aa","bb"],"maybe":[null,"aa"],"by_id":{"aa":["bb"]},"by_number":{"7":"aa"},"set":["aa"],"pair":["aa",1],"two":["aa","bb"],"boxed":null}"#,
    );
    let body = r#"{"id":7,"ids":["aa","b",7],"maybe":[null,"b"],"by_id":{"aa":["b"],"b":[]},"by_number":{"7":"b","x":"aa"},"set":["b"],"pair":["b","x"],"two":["aa","b"],"boxed":"b"}"#;
    assert_eq!(
        refused::<All>(body),
        [
            "#/boxed type is not acceptable",
            "#/by_id/aa/0 type is not acceptable",
            "#/by_id/b type has a name that is not acceptable",
            "#/by_number/7 type is not acceptable",
            "#/by_number/x type has a name that must be an integer",
            "#/id type is not acceptable",
            "#/ids length must have at most 2 elements max=2",
            "#/ids/1 type is not acceptable",
            "#/ids/2 type is not acceptable",
            "#/maybe/1 id must be an id of two letters",
            "#/pair/0 type is not acceptable",
            "#/pair/1 type must be an integer",
            "#/set/0 type is not acceptable",
            "#/two/1 type is not acceptable",
        ]
    );
}

#[derive(Debug, Deserialize)]
struct Foreign(#[allow(dead_code)] u8, #[allow(dead_code)] u8, #[allow(dead_code)] u8);

#[derive(Debug, Deserialize)]
#[allow(dead_code)]
enum Shape {
    Round { radius: u8 },
}

#[derive(Debug, Deserialize, Payload)]
#[allow(dead_code)]
struct Foreigners {
    #[payload(leaf)]
    id: Id,
    #[payload(leaf)]
    three: Foreign,
    #[payload(leaf)]
    shape: Shape,
    #[payload(leaf)]
    time: std::time::Duration,
}

#[test]
fn no_client_reads_the_name_of_a_rust_type() {
    for body in [
        r#"{"id":7,"three":7,"shape":7,"time":7}"#,
        r#"{"id":"b","three":[1],"shape":{"Round":7},"time":{"secs":"x"}}"#,
        r#"{"id":[],"three":{},"shape":{"Round":{}},"time":[]}"#,
        r#"{"id":null,"three":"x","shape":[],"time":{}}"#,
    ] {
        let found = refused::<Foreigners>(body).join("\n");
        for name in
            ["other::Id", "formatted", "Foreign", "Shape", "Duration", "struct", "tuple", "enum", "with 3 elements"]
        {
            assert!(!found.contains(name), "{found}");
        }
    }
}
