//! The cost of a refusal, compared with serde's own: 64 KiB of recursive types with parts that must be tried, each
//! wrong in its last value. The work grows with the input, so a megabyte has the same ratio; the target is at most 50.

use std::hint::black_box;

use buttress::payload::{Payload, ValidationContext, read_json};
use serde::de::DeserializeOwned;

use super::shapes::{Adjacent, External, Flattened, Internal, Lists, Tree, Untagged};
use super::{Contestant, Group, contestant};

const SIZE: usize = 64 * 1024;

pub fn groups() -> Vec<Group> {
    vec![
        group("refused: untagged", || plain::<Untagged>(untagged()), || ours::<Untagged>(untagged())),
        group("refused: flattened", || plain::<Flattened>(untagged()), || ours::<Flattened>(untagged())),
        group("refused: external tags", || plain::<External>(external()), || ours::<External>(external())),
        group("refused: internal tags", || plain::<Internal>(internal()), || ours::<Internal>(internal())),
        group("refused: adjacent tags", || plain::<Adjacent>(adjacent()), || ours::<Adjacent>(adjacent())),
        group("refused: a tree", || plain::<Tree>(tree()), || ours::<Tree>(tree())),
        group("refused: lists of numbers", || plain::<Lists>(lists()), || ours::<Lists>(lists())),
        group("accepted: flattened", || plain::<Flattened>(good()), || ours::<Flattened>(good())),
    ]
}

fn group(name: &'static str, floor: fn() -> Box<dyn FnMut()>, ours: fn() -> Box<dyn FnMut()>) -> Group {
    let contestants: Vec<Contestant> =
        vec![contestant("floor: from_slice", floor), contestant("buttress::read_json", ours)];
    let about = "64 KiB of a type that contains itself; what is refused is wrong in its last value.";
    Group { name, about, net: false, waits: false, contestants }
}

fn plain<T: DeserializeOwned>(json: String) -> Box<dyn FnMut()> {
    Box::new(move || drop(black_box(serde_json::from_slice::<T>(json.as_bytes()))))
}

fn ours<T: Payload>(json: String) -> Box<dyn FnMut()> {
    Box::new(move || drop(black_box(read_json::<T>(json.as_bytes(), ValidationContext::new()))))
}

/// `open`, then as many copies of `inner` as fit, then `last` and `close`.
fn filled(open: &str, inner: &str, last: &str, close: &str) -> String {
    let copies = SIZE / (inner.len() + 1);
    let mut json = String::from(open);
    for _ in 0..copies {
        json.push_str(inner);
        json.push(',');
    }
    json + last + close
}

fn nested(depth: usize, open: &str, inmost: &str, close: &str) -> String {
    open.repeat(depth) + inmost + &close.repeat(depth)
}

fn untagged() -> String {
    let not = |is: &str| nested(8, r#"{"not":"#, is, "}");
    filled(r#"{"all":["#, &not(r#"{"is":1}"#), &not(r#"{"is":"x"}"#), "]}")
}

fn good() -> String {
    let not = nested(8, r#"{"not":"#, r#"{"is":1}"#, "}");
    filled(r#"{"all":["#, &not, &not, "]}")
}

fn external() -> String {
    let not = |is: &str| nested(8, r#"{"not":"#, is, "}");
    filled(r#"{"all":["#, &not(r#"{"is":1}"#), &not(r#"{"is":"x"}"#), "]}")
}

fn internal() -> String {
    let not = |is: &str| nested(8, r#"{"kind":"not","not":"#, is, "}");
    let is = |value: &str| not(&format!(r#"{{"kind":"is","is":{value}}}"#));
    filled(r#"{"kind":"all","all":["#, &is("1"), &is("\"x\""), "]}")
}

fn adjacent() -> String {
    let not = |is: &str| nested(8, r#"{"of":"#, is, r#","kind":"not"}"#);
    let is = |value: &str| not(&format!(r#"{{"kind":"is","of":{value}}}"#));
    filled(r#"{"kind":"all","of":["#, &is("1"), &is("\"x\""), "]}")
}

fn tree() -> String {
    let kid = |n: &str| nested(20, r#"{"n":1,"kids":["#, &format!(r#"{{"n":{n}}}"#), "]}");
    filled(r#"{"n":1,"kids":["#, &kid("1"), &kid("\"x\""), "]}")
}

fn lists() -> String {
    filled("[", "[0,0,0,0,0,0,0,0]", "[\"x\"]", "]")
}
