use super::MAX_DEPTH;

/// Whether arrays and objects nest deeper than [`MAX_DEPTH`] in a text that is JSON.
///
/// serde_json skips ignored values without counting their depth, so it cannot check this. Most bodies have no more
/// brackets than the limit, and are accepted as soon as the brackets are counted, which is fast: see [`brackets`].
pub(crate) fn nests_too_deeply(json: &[u8]) -> bool {
    brackets(json) > MAX_DEPTH && deepest(json) > MAX_DEPTH
}

/// How many arrays and objects open, including brackets in strings. Counting in bytes lets the compiler process many at
/// a time; 255 of them cannot overflow one byte.
fn brackets(json: &[u8]) -> usize {
    // `[` and `{` differ in one bit.
    let count = |chunk: &[u8]| chunk.iter().fold(0_u8, |count, byte| count + u8::from(*byte | 0x20 == b'{'));
    json.chunks(255).map(|chunk| usize::from(count(chunk))).sum()
}

fn deepest(json: &[u8]) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    let mut bytes = json.iter();
    while let Some(byte) = bytes.next() {
        match byte {
            b'[' | b'{' => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b']' | b'}' => depth = depth.saturating_sub(1),
            b'"' => skip_string(&mut bytes),
            _ => {}
        }
    }
    deepest
}

fn skip_string(bytes: &mut std::slice::Iter<'_, u8>) {
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => return,
            b'\\' => _ = bytes.next(),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_in_strings_do_not_nest() {
        let flat = format!("[{}\"{}\"]", "[],".repeat(200), "[\\\"".repeat(200));
        assert_eq!(deepest(flat.as_bytes()), 2);
        assert!(!nests_too_deeply(flat.as_bytes()));
    }

    #[test]
    fn the_limit_is_included() {
        for (depth, too_deep) in [(127, false), (128, false), (129, true)] {
            let json = "[".repeat(depth) + &"]".repeat(depth);
            assert_eq!(nests_too_deeply(json.as_bytes()), too_deep, "{depth}");
        }
    }
}
