//! Any text is refused as a time, or written out as RFC 3339 that reads back as the same time.
#![no_main]

use buttress::Timestamp;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(time) = text.parse::<Timestamp>() {
        let written = time.to_string();
        assert_eq!((written.len(), written.parse()), (24, Ok(time)));
    }
});
