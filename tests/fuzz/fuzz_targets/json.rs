//! Any body is read, or refused with a client error whose text repeats no value of the body.
#![no_main]

mod shapes;

use buttress::payload::{ValidationContext, read_json};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use shapes::Everything;

fuzz_target!(|body: &[u8]| {
    let Err(problem) = read_json::<Everything>(body, ValidationContext::new()) else { return };
    assert!(problem.status().is_client_error(), "{problem:?}");
    let answer: Value = serde_json::from_slice(&problem.render()).expect("a problem is JSON");
    if let Ok(Value::Object(members)) = serde_json::from_slice(body) {
        for value in members.values().filter_map(Value::as_str).filter(|text| text.len() > 12 && is_no_message(text)) {
            let details = answer["errors"].as_array().into_iter().flatten().map(|e| e["detail"].as_str().unwrap_or(""));
            assert!(!details.into_iter().any(|detail| detail.contains(value)), "{value}");
        }
    }
});

/// Whether a text cannot be a part of this crate's own messages: the fuzzer learns them, and sends them.
fn is_no_message(text: &str) -> bool {
    text.chars().any(|c| c.is_ascii_uppercase() || !c.is_ascii())
}
