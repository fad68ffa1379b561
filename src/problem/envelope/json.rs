//! Writes JSON straight into a buffer: no tree, no second buffer.

use serde::Serialize;

/// An object or array that is being written: it knows whether a comma is due.
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

    /// `"name":`
    fn name(&mut self, name: &str) -> &mut Vec<u8> {
        self.comma();
        self.out.push(b'"');
        push_escaped(self.out, name);
        self.out.extend_from_slice(b"\":");
        self.out
    }

    /// A member of any type.
    pub(super) fn member(&mut self, name: &str, value: &(impl Serialize + ?Sized)) {
        // What cannot be serialised was refused when the problem was built, and a Vec takes every write.
        let _ = serde_json::to_writer(self.name(name), value);
    }

    pub(super) fn text(&mut self, name: &str, text: &str) {
        self.joined(name, (text, ""));
    }

    pub(super) fn optional(&mut self, name: &str, text: Option<&str>) {
        if let Some(text) = text {
            self.text(name, text);
        }
    }

    /// A text of two parts, such as a base and what follows it.
    pub(super) fn joined(&mut self, name: &str, parts: (&str, &str)) {
        let out = self.name(name);
        out.push(b'"');
        push_escaped(out, parts.0);
        push_escaped(out, parts.1);
        out.push(b'"');
    }

    /// A number that is written already.
    pub(super) fn digits(&mut self, name: &str, digits: &str) {
        self.name(name).extend_from_slice(digits.as_bytes());
    }

    pub(super) fn object_in(&mut self, name: &str) -> Writer<'_> {
        Writer::open(self.name(name), b'{', b'}')
    }

    pub(super) fn array_in(&mut self, name: &str) -> Writer<'_> {
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

/// What may not stand in a string as it is (RFC 8259 §7).
const fn needs_escape(byte: u8) -> bool {
    byte < b' ' || byte == b'"' || byte == b'\\'
}

fn push_escaped(out: &mut Vec<u8>, text: &str) {
    // Nearly every text is plain. Looking at all of it, without a way out, is what the compiler can vectorise.
    if !text.bytes().fold(false, |found, byte| found | needs_escape(byte)) {
        out.extend_from_slice(text.as_bytes());
        return;
    }
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

const fn hex(digit: u8) -> u8 {
    if digit < 10 { b'0' + digit } else { b'a' - 10 + digit }
}
