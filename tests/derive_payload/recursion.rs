//! Types that contain themselves, with parts that have to be tried: a valid input is accepted however deep it nests,
//! and the cost of a refusal grows with the input, like serde's reading.

use std::cell::Cell;
use std::fmt::Write as _;

use buttress::Payload;
use buttress::payload::{TypeSet, ValidationContext, read_json};
use serde::{Deserialize, Deserializer};

use crate::support::refused;

std::thread_local! {
    static READS: Cell<usize> = const { Cell::new(0) };
}

/// Counts how often it is read.
#[derive(Debug)]
struct Counted;

impl<'de> Deserialize<'de> for Counted {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        READS.set(READS.get() + 1);
        u8::deserialize(deserializer).map(|_| Self)
    }
}

/// `(reads by serde alone, reads by this crate)`, and whether both agree.
fn reads<T: Payload>(json: &str) -> (usize, usize, bool) {
    READS.set(0);
    let plain = serde_json::from_str::<T>(json).is_ok();
    let alone = READS.replace(0);
    let ours = read_json::<T>(json.as_bytes(), ValidationContext::new()).is_ok();
    (alone.max(1), READS.get(), plain == ours)
}

macro_rules! recursive {
    ($($name:ident, $condition:ident, #[$serde:meta] { $($variants:tt)* })*) => {$(
        #[derive(Debug, Deserialize, Payload)]
        #[allow(dead_code)]
        struct $name {
            #[serde(flatten)]
            condition: $condition,
        }

        #[derive(Debug, Deserialize, Payload)]
        #[$serde]
        #[allow(dead_code)]
        enum $condition { $($variants)* }
    )*};
}

recursive! {
    Untagged, UntaggedCondition, #[serde(untagged)] {
        Not { not: Box<UntaggedCondition> },
        Flat { flat: Box<Untagged> },
        All { all: Vec<UntaggedCondition> },
        Is { #[payload(leaf)] is: Counted },
    }
    External, ExternalCondition, #[serde(rename_all = "lowercase")] {
        Not(Box<ExternalCondition>),
        Flat(Box<External>),
        All(Vec<ExternalCondition>),
        #[serde(untagged)]
        Is { #[payload(leaf)] is: Counted },
    }
    Internal, InternalCondition, #[serde(tag = "kind", rename_all = "lowercase")] {
        Not { not: Box<InternalCondition> },
        Flat { flat: Box<Internal> },
        All { all: Vec<InternalCondition> },
        #[serde(untagged)]
        Is { #[payload(leaf)] is: Counted },
    }
}

fn nested(open: &str, close: &str, depth: usize, inmost: &str) -> String {
    open.repeat(depth) + inmost + &close.repeat(depth)
}

#[test]
fn what_serde_reads_is_accepted_however_deep_it_lies() {
    assert!(Untagged::needs_walk(&mut TypeSet::new()), "or the walk would not be asked");
    let deep = std::thread::Builder::new().stack_size(2 << 20).spawn(|| {
        for depth in [1, 10, 33, 100] {
            for open in [r#"{"not":"#, r#"{"flat":"#] {
                let json = nested(open, "}", depth, r#"{"is":1}"#);
                let (alone, ours, agree) = reads::<Untagged>(&json);
                assert!(agree && ours <= 8 * alone, "{json}: {alone} {ours}");
                let (alone, ours, agree) = reads::<External>(&json);
                assert!(agree && ours <= 8 * alone, "{json}: {alone} {ours}");
            }
            let json = nested(r#"{"kind":"not","not":"#, "}", depth, r#"{"is":1}"#);
            let (alone, ours, agree) = reads::<Internal>(&json);
            assert!(agree && ours <= 8 * alone, "{json}: {alone} {ours}");
        }
    });
    deep.unwrap().join().unwrap();
}

/// Conditions that branch, with a wrong one at the end.
fn forest(branches: usize, depth: usize, open: &str, close: &str) -> String {
    let mut all = String::new();
    for i in 0..branches {
        let inmost = if i + 1 == branches { r#"{"is":"x"}"# } else { r#"{"is":1}"# };
        let _ = write!(all, "{}{}", if i > 0 { "," } else { "" }, nested(open, close, depth, inmost));
    }
    all
}

/// A missing part is asked once whether it may be missing, which counts as a read here.
#[test]
fn what_a_refusal_costs_grows_with_the_input() {
    for (branches, depth) in [(1, 100), (100, 60), (2_000, 20), (20_000, 2)] {
        let forest = forest(branches, depth, r#"{"not":"#, "}");
        for json in [format!(r#"{{"all":[{forest}]}}"#), format!(r#"{{"flat":{{"all":[{forest}]}}}}"#)] {
            let (_, ours, agree) = reads::<Untagged>(&json);
            assert!(agree && ours <= 8 * branches * (depth + 4), "{branches} {depth}: {ours}");
            let (_, ours, agree) = reads::<External>(&json);
            assert!(agree && ours <= 8 * branches * (depth + 4), "{branches} {depth}: {ours}");
        }
    }
}

#[test]
fn what_is_wrong_deep_inside_is_named_where_it_is_the_only_one_that_may_be_meant() {
    let json = nested(r#"{"not":"#, "}", 2, r#"{"is":"x"}"#);
    assert_eq!(refused::<ExternalCondition>(&json), ["#/not/not variant must be one of not, flat, all"]);
}
