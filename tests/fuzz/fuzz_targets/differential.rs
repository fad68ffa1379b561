//! The extractors read everything that serde reads, and refuse everything that it refuses: types without rules,
//! recursive, untagged, tagged and flattened.
#![no_main]

mod zoo;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    zoo::all_agree(&zoo::text_of(bytes));
});
