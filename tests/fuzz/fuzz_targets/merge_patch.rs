//! A patch of any bytes is refused, or its result obeys all rules.
#![no_main]

mod shapes;

use buttress::payload::{ValidationContext, read_json, read_patch};
use libfuzzer_sys::fuzz_target;
use shapes::Everything;

const CURRENT: &[u8] = br#"{"name":"ann","quantity":7,"byKey":{"a":{"value":"a@example.com"}},"external":{"named":{"small":{"value":null}}}}"#;

fuzz_target!(|body: &[u8]| {
    let current: Everything = read_json(CURRENT, ValidationContext::new()).expect("the current value is acceptable");
    let applied = read_patch::<Everything>(body, ValidationContext::new())
        .and_then(|patch| Ok(patch.apply::<Everything>(&current, ValidationContext::new())?));
    match applied {
        Ok(result) => {
            let again = serde_json::to_vec(&result).expect("serialises");
            assert!(read_json::<Everything>(&again, ValidationContext::new()).is_ok(), "the result breaks a rule");
        }
        Err(problem) => assert!(problem.status().is_client_error(), "{problem:?}"),
    }
});
