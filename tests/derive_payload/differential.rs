//! The extractors read everything that serde reads, and refuse everything that it refuses. The fuzz target
//! `differential` goes further on the same types.

use proptest::collection::vec;
use proptest::prelude::*;

#[path = "../fuzz/fuzz_targets/zoo.rs"]
mod zoo;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(800))]

    #[test]
    fn serde_and_the_extractors_agree(bytes in vec(any::<u8>(), 0..160)) {
        zoo::all_agree(&zoo::text_of(&bytes));
    }
}

#[test]
fn a_variant_of_nothing_holds_no_object() {
    for json in [
        r#"{"next":{},"kind":"unit"}"#,
        r#"{"kind":"unit","next":{}}"#,
        r#"{"next":null,"kind":"unit"}"#,
        r#"{"next":{"next":{},"kind":"unit"},"kind":"unit"}"#,
        r#"{"adjacent":{"next":{},"kind":"unit"}}"#,
    ] {
        zoo::all_agree(json);
    }
}

/// Documents that serde reads, and that few random texts are.
#[test]
fn what_serde_reads_is_accepted() {
    let mut all: Vec<String> =
        [r#"{"a":7,"unit":7}"#, r#"{"kind":{"unit":{}}}"#, r#"{"wide":{"next":true},"unit":{},"kind":{"kind":0}}"#]
            .map(str::to_owned)
            .to_vec();
    for depth in [3, 12, 30] {
        for inmost in ["7", r#"{"b":true}"#] {
            let nested = r#"{"a":7,"next":"#.repeat(depth) + inmost + &"}".repeat(depth);
            all.extend([format!(r#"{{"u":{nested}}}"#), format!(r#"{{"a":7,"x":{nested}}}"#)]);
        }
    }
    for json in all {
        zoo::all_agree(&json);
    }
}
