//! An input that is refused as malformed JSON is refused by serde too, and an input that serde cannot read is never
//! accepted.
#![no_main]

mod shapes;

use buttress::payload::{ValidationContext, read_json};
use libfuzzer_sys::fuzz_target;
use serde::de::IgnoredAny;
use shapes::Everything;

fuzz_target!(|body: &[u8]| {
    let ours = read_json::<Everything>(body, ValidationContext::new());
    match ours {
        Ok(_) => assert!(serde_json::from_slice::<Everything>(body).is_ok(), "accepted what serde refuses"),
        Err(problem) if problem.status() == 400 => {
            // serde skips a text without checking that it is UTF-8.
            let json = std::str::from_utf8(body).is_ok_and(|text| serde_json::from_str::<IgnoredAny>(text).is_ok());
            assert!(!json || nests(body), "refused what is JSON");
        }
        Err(problem) => assert!(!problem.violations().is_empty(), "refused without a reason: {problem:?}"),
    }
});

/// Whether brackets outside strings nest deeper than 128.
fn nests(body: &[u8]) -> bool {
    let (mut depth, mut in_string, mut escaped) = (0, false, false);
    for byte in body {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'[' | b'{' if !in_string => depth += 1,
            b']' | b'}' if !in_string => depth -= 1,
            _ => {}
        }
        if depth > 128 {
            return true;
        }
    }
    false
}
