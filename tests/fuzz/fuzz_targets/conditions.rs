//! For any values of `If-Match`, `If-None-Match` and a time there is no panic, and the two conditions never both accept
//! a state that the client names.
#![no_main]

use buttress::respond::{IfMatch, IfNoneMatch};
use buttress::{EntityTag, Timestamp};
use http::header::{IF_MATCH, IF_NONE_MATCH};
use http::{HeaderMap, HeaderValue};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (Vec<Vec<u8>>, String)| {
    let (lines, text) = input;
    if let Ok(time) = text.parse::<Timestamp>() {
        assert_eq!(time.to_string().parse(), Ok(time));
    }
    let mut headers = HeaderMap::new();
    for value in lines.iter().filter_map(|line| HeaderValue::from_bytes(line).ok()) {
        headers.append(IF_MATCH, value.clone());
        headers.append(IF_NONE_MATCH, value);
    }
    let (Some(some), Some(none)) = (IfMatch::from_headers(&headers), IfNoneMatch::from_headers(&headers)) else {
        return;
    };
    let tag = text.parse().unwrap_or_else(|_| EntityTag::version(7));
    // Two tags that match strongly also match weakly.
    assert!(!(some.holds(Some(&tag)) && none.holds(Some(&tag))));
    assert!(!some.holds(None) && none.holds(None));
});
