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
