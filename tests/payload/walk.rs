use buttress::payload::{Check, Payload, ValidationContext, leaf};
use buttress::schema::{Entry, Field, HasSchema, Kind, Object, Property, Schema};
use buttress::violation::{InputPath, Violations};

use crate::fixture::*;

const GOOD: &str = r#"{"customer":"ann","lines":[{"sku":"A","quantity":1}]}"#;

#[test]
fn everything_is_listed_at_once() {
    for (body, expected) in [
        (GOOD, "ok"),
        (
            r#"{"customer":7,"lines":[{"sku":"A","quantity":0},{"quantity":"x"},4],"note":5,"zzz":1}"#,
            "422 #/customer type,#/lines length,#/lines/0/quantity range,#/lines/1/quantity type,#/lines/1/sku required,#/lines/2 type,#/note type,#/zzz unknown",
        ),
        ("{}", "422 #/customer required,#/lines required"),
        ("[]", "422 # type"),
        (r#"["ann",[],null,{}]"#, "422 # type"),
        ("null", "422 # type"),
        (r#"{"customer":"ann","lines":{}}"#, "422 #/lines type"),
        (r#"{"customer":"ann","lines":[]}"#, "422 #/lines length"),
        (r#"{"customer":"ann","lines":[["A",1]]}"#, "422 #/lines/0 type"),
        (r#"{"customer":"ann","customer":"bob","lines":[{"sku":"A","quantity":1}]}"#, "422 #/customer duplicate"),
        (
            r#"{"customer":"ann","lines":[{"sku":"A","quantity":0,"qty":2}]}"#,
            "422 #/lines/0/qty duplicate,#/lines/0/quantity range",
        ),
        (r#"{"customer":"ann","lines":[{"sku":"A","qty":0}]}"#, "422 #/lines/0/qty range"),
        (
            r#"{"customer":"ann","lines":[{"sku":"A","quantity":1}],"extra":{"a/b":{"sku":1,"quantity":1},"k":{"sku":"","quantity":5000}}}"#,
            "422 #/extra/a~1b/sku type,#/extra/k/quantity range",
        ),
        (
            r#"{"customer":"ann","note":"ann","lines":[{"sku":"A","quantity":0}]}"#,
            "422 # note-is-customer,#/lines/0/quantity range",
        ),
        (r#"{"customer":"ann","note":"ann","lines":[{"sku":"A"}]}"#, "422 #/lines/0/quantity required"),
        (
            r#"{"customer":"ann","lines":[{"sku":"A","quantity":1}],"extra":{"k":{"sku":"A","quantity":1},"k":{"sku":"A","quantity":1}}}"#,
            "422 #/extra/k duplicate",
        ),
    ] {
        assert_eq!(json::<Order>(body), expected, "{body}");
    }
}

#[test]
fn the_words_are_those_of_the_type() {
    assert_eq!(
        messages::<Order>(
            r#"{"customer":7,"lines":[{"quantity":"x","zzz":1},{"sku":"A","quantity":-1},{"sku":"A","quantity":1.5}]}"#
        ),
        [
            "#/customer must be a string",
            "#/lines must have 1 to 2 elements",
            "#/lines/0/quantity must be an integer",
            "#/lines/0/sku is required",
            "#/lines/0/zzz is not known",
            "#/lines/1/quantity must be an integer from 0 to 4294967295",
            "#/lines/2/quantity must be an integer",
        ]
    );
    assert_eq!(messages::<bool>("1"), ["# must be a boolean"]);
    assert_eq!(messages::<f64>("\"1\""), ["# must be a number"]);
    assert_eq!(messages::<char>("\"ab\""), ["# must be a character"]);
    assert_eq!(messages::<()>("1"), ["# must be null"]);
    assert_eq!(messages::<(u8, bool)>("[1]"), ["# must be an array of 2 elements"]);
    assert_eq!(messages::<[u8; 1]>("[]"), ["# must be an array of 1 element"]);
    assert_eq!(messages::<std::num::NonZeroU8>("0"), ["# must be an integer other than 0"]);
    assert_eq!(messages::<std::net::IpAddr>("\"x\""), ["# must be an IP address"]);
    assert_eq!(messages::<u64>("18446744073709551616"), ["# must be an integer from 0 to 18446744073709551615"]);
}

#[test]
fn foreign_types_are_refused_as_a_whole_and_without_their_own_words() {
    assert_eq!(json::<Foreign>(r#"{"even":2}"#), "ok");
    assert_eq!(messages::<Foreign>(r#"{"even":3}"#), ["# is not acceptable"]);
    assert_eq!(messages::<Even>("3"), ["# is not acceptable"]);
    assert_eq!(messages::<Even>("\"3\""), ["# must be an integer"]);
    assert_eq!(messages::<Foreign>("[]"), ["# must be an object"]);
    assert_eq!(messages::<Foreign>(r#"{"even":2,"names":{"a":1,"a":2}}"#), ["#/names/a is given twice"]);
}

#[test]
fn variants_of_every_tagging() {
    for (body, expected) in [
        (r#""cash""#, "ok"),
        (r#"{"cash":null}"#, "ok"),
        (r#"{"card":{"digits":"1"}}"#, "ok"),
        (r#"{"plastic":{"digits":"1"}}"#, "ok"),
        (r#"{"card":{"digits":1}}"#, "422 #/card/digits type"),
        (r#"{"card":{}}"#, "422 #/card/digits required"),
        (r#"{"card":["1"]}"#, "422 #/card type"),
        (r#""card""#, "422 # type"),
        (r#""gold""#, "422 # variant"),
        (r#"{"gold":1}"#, "422 # variant"),
        (r#"{"card":{"digits":"1"},"cash":null}"#, "422 # type"),
        ("{}", "422 # type"),
        ("7", "422 # type"),
    ] {
        assert_eq!(json::<External>(body), expected, "{body}");
    }
    for (body, expected) in [
        (r#"{"kind":"cash"}"#, "ok"),
        (r#"{"kind":"cash","more":1}"#, "ok"),
        (r#"{"digits":"1","kind":"plastic"}"#, "ok"),
        (r#"{"kind":"card"}"#, "422 #/digits required"),
        (r#"{"kind":"card","digits":1}"#, "422 #/digits type"),
        (r#"{"kind":"gold"}"#, "422 #/kind variant"),
        (r#"{"kind":7}"#, "422 #/kind type"),
        (r#"{"digits":"1"}"#, "422 #/kind required"),
        (r#"{"kind":"cash","kind":"cash"}"#, "422 #/kind duplicate"),
        (r#"{"kind":"cash","more":1,"more":1}"#, "422 #/more duplicate"),
        (r#"["cash"]"#, "422 # type"),
        (r#""cash""#, "422 # type"),
    ] {
        assert_eq!(json::<Internal>(body), expected, "{body}");
    }
    for (body, expected) in [
        (r#"{"kind":"cash"}"#, "ok"),
        (r#"{"data":{"digits":"1"},"kind":"card"}"#, "ok"),
        (r#"{"kind":"card"}"#, "422 #/data required"),
        (r#"{"kind":"card","data":{"digits":1}}"#, "422 #/data/digits type"),
        (r#"{"kind":"gold","data":1}"#, "422 #/kind variant"),
        (r#"{"data":{"digits":"1"}}"#, "422 #/kind required"),
        (r#"["cash",null]"#, "422 # type"),
    ] {
        assert_eq!(json::<Adjacent>(body), expected, "{body}");
    }
    for (body, expected) in [
        ("7", "ok"),
        (r#"{"digits":"1"}"#, "ok"),
        (r#"{"n":7}"#, "ok"),
        (r#"{"n":700}"#, "422 # type"),
        (r#"["1"]"#, "422 # type"),
        (r#"{"n":7,"kids":[[7]]}"#, "422 # type"),
    ] {
        assert_eq!(json::<Untagged>(body), expected, "{body}");
    }
    assert_eq!(messages::<External>("\"gold\""), ["# must be one of card, cash"]);
}

#[test]
fn what_is_flattened_stands_at_its_level() {
    for (body, expected) in [
        (r#"{"id":1,"size":"s","a":1}"#, "ok"),
        (r#"{"id":"x","size":1,"a":"b","c":2}"#, "422 #/a type,#/id type,#/size type"),
        (r#"{"id":1}"#, "422 #/size required"),
        (r#"{"id":1,"size":"s","a":1,"a":2}"#, "422 #/a duplicate"),
        (r#"{"id":1,"size":"s","size":"s"}"#, "422 #/size duplicate"),
        ("[1]", "422 # type"),
    ] {
        assert_eq!(json::<Flat>(body), expected, "{body}");
    }
}

#[test]
fn a_type_may_contain_itself() {
    assert_eq!(
        json::<Tree>(r#"{"n":13,"kids":[{"n":"x","kids":[{"n":13}]},{"n":300}]}"#),
        "422 #/kids/0/kids/0 unlucky,#/kids/0/n type,#/kids/1/n type"
    );
}

#[test]
fn a_missing_context_is_the_service_s_fault() {
    let mut check = ValidationContext::new();
    assert!(check.extension::<u8>().is_none());
    let read = buttress::payload::read_json::<u8>(b"\"x\"", check);
    assert_eq!(outcome(read), "500");
}

#[test]
fn a_million_wrong_elements_are_a_hundred_answers() {
    let body = format!("[{}1]", "\"x\",".repeat(250_000));
    let problem = buttress::payload::read_json::<Vec<u8>>(body.as_bytes(), ValidationContext::new()).unwrap_err();
    assert_eq!(problem.violations().iter().len(), Violations::MAX);
}

std::thread_local! {
    static READS: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

/// Counts how often it is read.
#[derive(Debug)]
struct Counted;

impl<'de> serde::Deserialize<'de> for Counted {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        READS.set(READS.get() + 1);
        u8::deserialize(deserializer).map(|_| Self)
    }
}

impl HasSchema for Counted {
    fn schema() -> &'static Schema {
        leaf::<Self>()
    }
}

impl Payload for Counted {
    fn rules(&self, _: &InputPath<'_>, _: &mut ValidationContext<'_>) {}
}

/// A node of a deep tree whose rules read everything below it.
#[derive(Debug, serde::Deserialize)]
struct Deep {
    n: Counted,
    #[serde(default)]
    kids: Vec<Deep>,
}

impl HasSchema for Deep {
    fn schema() -> &'static Schema {
        const ENTRIES: &[Entry] = &[
            Entry::Property(Property::new(&["n"], Field::new(Counted::schema))),
            Entry::Property(Property::new(&["kids"], Field::new(<Vec<Deep>>::schema)).optional()),
        ];
        const CHECK: &Check = &Check::new(|node, _, _| drop(node.read::<Deep>()));
        const { &Schema::new(Kind::Object(Object::new(ENTRIES).with_hook(CHECK))) }
    }
}

impl Payload for Deep {
    fn rules(&self, at: &InputPath<'_>, check: &mut ValidationContext<'_>) {
        self.n.rules(at, check);
        self.kids.rules(at, check);
    }
}

fn reads<T: Payload>(body: &str) -> usize {
    READS.set(0);
    assert!(buttress::payload::read_json::<T>(body.as_bytes(), ValidationContext::new()).is_err());
    READS.get()
}

#[test]
fn the_work_stays_in_proportion_to_the_input() {
    // Wrong elements: each is probed once and explained once, until a hundred are found.
    let wrong = format!("[{}1]", "\"x\",".repeat(250_000));
    assert!(reads::<Vec<Counted>>(&wrong) <= 2 * Violations::MAX + 2);

    // One wrong element after many good ones.
    let late = format!("[{}\"x\"]", "1,".repeat(100_000));
    assert!(reads::<Vec<Counted>>(&late) <= 3 * 100_001);

    // Rules that read a subtree at each level, for a tree of the maximum depth that is wide at the bottom.
    let leaves = vec![r#"{"n":1}"#; 50_000].join(",");
    let tree = r#"{"n":1,"kids":["#.repeat(60) + &leaves + &"]}".repeat(60);
    let forest = format!(r#"{{"n":"x","kids":[{tree}]}}"#);
    assert!(reads::<Deep>(&forest) <= 40 * 50_000, "{}", reads::<Deep>(&forest));
}
