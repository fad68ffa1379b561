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

    /// `"name":`, for a name that needs no escaping.
    fn name(&mut self, name: &str) -> &mut Vec<u8> {
        self.comma();
        self.out.push(b'"');
        self.out.extend_from_slice(name.as_bytes());
        self.out.extend_from_slice(b"\":");
        self.out
    }

    pub(super) fn member(&mut self, name: &str, value: &(impl Serialize + ?Sized)) {
        // What cannot be serialised was refused when the problem was built, and a Vec takes every write.
        let _ = serde_json::to_writer(self.name(name), value);
    }

    pub(super) fn optional(&mut self, name: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.member(name, value);
        }
    }

    /// A string of two parts, such as a base and what follows it.
    pub(super) fn joined(&mut self, name: &str, parts: (&str, &str)) {
        self.member(name, parts.0);
        self.out.pop();
        let quote = self.out.len();
        let _ = serde_json::to_writer(&mut *self.out, parts.1);
        self.out.remove(quote);
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
