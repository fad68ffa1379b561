//! Writes JSON straight into a buffer, without a tree or a second buffer.

use serde::Serialize;

/// An object or array that is being written; tracks whether a comma is due.
pub(super) struct Writer<'o> {
    out: &'o mut Vec<u8>,
    first: bool,
    close: u8,
}

impl<'o> Writer<'o> {
    pub(super) fn object(out: &'o mut Vec<u8>) -> Self {
        Self::open(out, b'{', b'}')
    }

    fn open(out: &'o mut Vec<u8>, open: u8, close: u8) -> Self {
        out.push(open);
        Self { out, first: true, close }
    }

    fn comma(&mut self) {
        if !std::mem::take(&mut self.first) {
            self.out.push(b',');
        }
    }

    /// Writes `"name":`, for a name of the format itself, which never needs escaping.
    fn name(&mut self, name: &'static str) -> &mut Vec<u8> {
        self.comma();
        self.out.push(b'"');
        self.out.extend_from_slice(name.as_bytes());
        self.out.extend_from_slice(b"\":");
        self.out
    }

    pub(super) fn text(&mut self, name: &'static str, text: &str) {
        let out = self.name(name);
        out.push(b'"');
        push_escaped(out, text);
        out.push(b'"');
    }

    pub(super) fn optional(&mut self, name: &'static str, text: Option<&str>) {
        if let Some(text) = text {
            self.text(name, text);
        }
    }

    /// A text of two parts, such as a base and its suffix.
    pub(super) fn joined(&mut self, name: &'static str, parts: (&str, &str)) {
        let out = self.name(name);
        out.push(b'"');
        push_escaped(out, parts.0);
        push_escaped(out, parts.1);
        out.push(b'"');
    }

    /// A number that is already in digits.
    pub(super) fn digits(&mut self, name: &'static str, digits: &str) {
        self.name(name).extend_from_slice(digits.as_bytes());
    }

    /// A member of any name and type, such as an extension member of the service.
    pub(super) fn member(&mut self, name: &str, value: &(impl Serialize + ?Sized)) {
        self.comma();
        self.out.push(b'"');
        push_escaped(self.out, name);
        self.out.extend_from_slice(b"\":");
        // A value that cannot be serialised was refused when the problem was built, and a `Vec` accepts every write.
        let _ = serde_json::to_writer(&mut *self.out, value);
    }

    pub(super) fn object_in(&mut self, name: &'static str) -> Writer<'_> {
        Writer::open(self.name(name), b'{', b'}')
    }

    pub(super) fn array_in(&mut self, name: &'static str) -> Writer<'_> {
        Writer::open(self.name(name), b'[', b']')
    }

    pub(super) fn element(&mut self) -> Writer<'_> {
        self.comma();
        Writer::open(self.out, b'{', b'}')
    }
}

impl Drop for Writer<'_> {
    fn drop(&mut self) {
        self.out.push(self.close);
    }
}

/// Appends text as it appears between quotes (RFC 8259 §7). Nearly every text is plain, and is copied unchanged.
fn push_escaped(out: &mut Vec<u8>, text: &str) {
    if is_plain(text.as_bytes()) {
        out.extend_from_slice(text.as_bytes());
    } else {
        push_byte_by_byte(out, text);
    }
}

#[cold]
fn push_byte_by_byte(out: &mut Vec<u8>, text: &str) {
    for byte in text.bytes() {
        match byte {
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', byte]),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            0..b' ' => out.extend_from_slice(&[b'\\', b'u', b'0', b'0', b'0' + (byte >> 4), hex(byte & 0xf)]),
            _ => out.push(byte),
        }
    }
}

/// Whether no byte has to be escaped. The last eight bytes are checked together, some of them for the second time.
fn is_plain(text: &[u8]) -> bool {
    let (chunks, rest) = text.as_chunks();
    chunks.iter().all(|chunk| eight_are_plain(*chunk))
        && match text.last_chunk() {
            Some(last) => rest.is_empty() || eight_are_plain(*last),
            None => rest.iter().all(|&byte| byte >= b' ' && byte != b'"' && byte != b'\\'),
        }
}

/// Whether none of eight bytes is a control character, a quote or a backslash, without a look at each byte.
const fn eight_are_plain(bytes: [u8; 8]) -> bool {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    const HIGH: u64 = ONES << 7;
    let word = u64::from_ne_bytes(bytes);
    let quote = word ^ (ONES * b'"' as u64);
    let backslash = word ^ (ONES * b'\\' as u64);
    // A byte sets its high bit here only if it is below `' '` and did not have that bit before.
    let control = word.wrapping_sub(ONES * b' ' as u64) & !word;
    let zero = (quote.wrapping_sub(ONES) & !quote) | (backslash.wrapping_sub(ONES) & !backslash);
    (control | zero) & HIGH == 0
}

const fn hex(digit: u8) -> u8 {
    if digit < 10 { b'0' + digit } else { b'a' - 10 + digit }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every byte at every position, among the bytes that are most similar to it.
    #[test]
    fn one_byte_among_plain_ones_is_found() {
        for byte in 0..0x80u8 {
            for len in 1..=25 {
                for place in 0..len {
                    for filler in [' ', '!', '#', '[', ']', '~', '\u{7f}'] {
                        let mut text = vec![filler as u8; len];
                        text[place] = byte;
                        let plain = byte >= b' ' && byte != b'"' && byte != b'\\';
                        assert_eq!(is_plain(&text), plain, "{text:?}");
                    }
                }
            }
        }
        assert!(is_plain("é\u{2028}\u{10ffff}é\u{80}".as_bytes()));
    }

    #[test]
    fn escapes_are_those_of_serde_json() {
        let text: String = (0..0x300).filter_map(char::from_u32).collect();
        let mut out = Vec::new();
        Writer::object(&mut out).text("t", &text);
        let value: serde_json::Value = serde_json::from_slice(&out).unwrap();
        assert_eq!(value["t"], text);
    }
}
