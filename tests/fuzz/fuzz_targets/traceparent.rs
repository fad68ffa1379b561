//! Any trace context of a caller is read or refused, and the one that is passed on is well formed.
#![no_main]

use buttress::TraceContext;
use http::{HeaderMap, HeaderValue};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|headers: (Vec<u8>, Vec<Vec<u8>>)| {
    let (parent, states) = headers;
    let from_bytes = TraceContext::parse(&parent);
    let mut incoming = HeaderMap::new();
    if let Ok(parent) = HeaderValue::from_bytes(&parent) {
        incoming.append(TraceContext::HEADER, parent);
    }
    for state in states.iter().filter_map(|state| HeaderValue::from_bytes(state).ok()) {
        incoming.append(TraceContext::STATE_HEADER, state);
    }
    let Some(context) = TraceContext::from_headers(&incoming) else { return };
    assert_eq!(from_bytes.map(|read| read.to_string()), Some(context.to_string()));
    let mut outgoing = HeaderMap::new();
    context.write_to(&mut outgoing);
    assert_eq!(TraceContext::from_headers(&outgoing), Some(context));
    assert!(outgoing.get(TraceContext::STATE_HEADER).is_none_or(|state| state.len() <= 512));
});
