//! A pointer with any names is a URI fragment, and holds no more of a name than the limit.
#![no_main]

use buttress::violation::InputPath;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|names: Vec<String>| {
    let root = InputPath::body();
    let text = match names.as_slice() {
        [] => root.location().to_string(),
        [one] => root.member(one).location().to_string(),
        [one, two, ..] => root.member(one).index(7).member(two).location().to_string(),
    };
    assert!(text.starts_with('#'));
    assert!(text.bytes().all(|b| b.is_ascii_graphic() && !b"\"<>\\^`{|}[]".contains(&b)), "{text}");
    // Each of at most 128 bytes becomes at most three characters.
    assert!(text.len() <= 1 + 2 * (1 + 3 * 128) + 2, "{}", text.len());

    let name = names.concat();
    assert!(InputPath::parameters().member(&name).location().as_str().len() <= 128);
});
