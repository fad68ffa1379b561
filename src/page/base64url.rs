//! base64url without padding (RFC 4648 §5): only `[A-Za-z0-9_-]`, and one text for each sequence of bytes.

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

pub(super) fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let group = (0..3).fold(0, |group, i| group << 8 | u32::from(chunk.get(i).copied().unwrap_or_default()));
        let digits = (0..=chunk.len()).map(|i| group >> (18 - 6 * i) & 63);
        text.extend(digits.filter_map(|digit| ALPHABET.get(digit as usize)).map(|digit| char::from(*digit)));
    }
    text
}

/// Decodes the text; `None` for a character, or for last bits, that [`encode`] never writes.
pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3 + 2);
    for chunk in text.as_bytes().chunks(4) {
        let group = chunk.iter().try_fold(0, |group, digit| Some(group << 6 | value(*digit)?))?;
        let (group, unused) = match chunk.len() {
            4 => (group, 0),
            3 => (group << 6, 1),
            2 => (group << 12, 2),
            _ => return None,
        };
        let [_, found @ ..] = group.to_be_bytes();
        let (used, rest) = found.split_at_checked(3 - unused)?;
        if rest.iter().any(|byte| *byte != 0) {
            return None;
        }
        bytes.extend_from_slice(used);
    }
    Some(bytes)
}

fn value(digit: u8) -> Option<u32> {
    let (first, offset) = match digit {
        b'A'..=b'Z' => (b'A', 0),
        b'a'..=b'z' => (b'a', 26),
        b'0'..=b'9' => (b'0', 52),
        b'-' => (b'-', 62),
        b'_' => (b'_', 63),
        _ => return None,
    };
    Some(u32::from(digit - first) + offset)
}
