use super::MAX_DEPTH;
use super::document::Item;

/// The items of a text; `None` if it is not JSON or nests too deeply (RFC 8259 §2, §9).
pub(super) fn items(bytes: &[u8]) -> Option<Vec<Item>> {
    // A guess that fits most texts, with a limit that keeps a large text from costing memory in advance.
    let items = Vec::with_capacity((bytes.len() / 8).min(256));
    let mut parser = Parser { bytes, at: 0, items, open: Vec::new(), is_escaped: false };
    parser.document().map(|()| parser.items)
}

struct Parser<'a> {
    bytes: &'a [u8],
    at: usize,
    items: Vec<Item>,
    /// The arrays and objects that are not closed yet, by their index in `items`.
    open: Vec<usize>,
    /// Whether the last string holds an escape.
    is_escaped: bool,
}

impl Parser<'_> {
    fn document(&mut self) -> Option<()> {
        loop {
            self.skip_space();
            let opened = self.value()?;
            // Inside a new array or object its content comes next, in an object after a name.
            if opened && !self.close_if_empty()? {
                self.name_in_object()?;
            } else if self.after_value()? {
                return (self.at == self.bytes.len()).then_some(());
            }
        }
    }

    /// Reads a scalar, or opens an array or object and returns `true`.
    fn value(&mut self) -> Option<bool> {
        let start = self.at;
        match self.peek()? {
            b'{' | b'[' => {
                self.at += 1;
                self.open.push(self.items.len());
                self.items.push(Item { start, end: start, next: 0, is_escaped: false });
                return (self.open.len() <= MAX_DEPTH).then_some(true);
            }
            b'"' => self.string()?,
            b't' => self.word(b"true")?,
            b'f' => self.word(b"false")?,
            b'n' => self.word(b"null")?,
            _ => self.number()?,
        }
        self.push_scalar(start);
        Some(false)
    }

    fn push_scalar(&mut self, start: usize) {
        let is_escaped = std::mem::take(&mut self.is_escaped);
        self.items.push(Item { start, end: self.at, next: self.items.len() + 1, is_escaped });
    }

    fn close_if_empty(&mut self) -> Option<bool> {
        self.skip_space();
        let closes = self.peek()? == self.closing_bracket()?;
        if closes {
            self.close();
        }
        Some(closes)
    }

    /// Continues after a value, up to the start of the next one; `true` if there is none.
    fn after_value(&mut self) -> Option<bool> {
        loop {
            self.skip_space();
            if self.open.is_empty() {
                return Some(true);
            }
            match self.peek()? {
                b',' => {
                    self.at += 1;
                    self.name_in_object()?;
                    return Some(false);
                }
                bracket if bracket == self.closing_bracket()? => self.close(),
                _ => return None,
            }
        }
    }

    /// In an object, reads a name and the colon.
    fn name_in_object(&mut self) -> Option<()> {
        if self.closing_bracket()? == b']' {
            return Some(());
        }
        self.skip_space();
        let start = self.at;
        self.string()?;
        self.push_scalar(start);
        self.skip_space();
        self.byte(b':')
    }

    fn closing_bracket(&self) -> Option<u8> {
        let innermost = self.items.get(*self.open.last()?)?;
        Some(if self.bytes.get(innermost.start)? == &b'{' { b'}' } else { b']' })
    }

    fn close(&mut self) {
        self.at += 1;
        let next = self.items.len();
        if let Some(item) = self.open.pop().and_then(|index| self.items.get_mut(index)) {
            (item.end, item.next) = (self.at, next);
        }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn skip_space(&mut self) {
        self.skip_while(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r'));
    }

    fn skip_while(&mut self, accepts: impl Fn(u8) -> bool) {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        self.at += rest.iter().position(|byte| !accepts(*byte)).unwrap_or(rest.len());
    }

    fn byte(&mut self, byte: u8) -> Option<()> {
        self.word(&[byte])
    }

    fn word(&mut self, word: &[u8]) -> Option<()> {
        self.bytes.get(self.at..)?.starts_with(word).then(|| self.at += word.len())
    }

    /// A string (§7). An escaped half of a surrogate pair fits the grammar, although it is not valid text.
    fn string(&mut self) -> Option<()> {
        self.byte(b'"')?;
        loop {
            self.skip_while(|byte| byte >= b' ' && byte != b'"' && byte != b'\\');
            match self.peek()? {
                b'"' => return self.byte(b'"'),
                b'\\' => self.escape()?,
                _ => return None,
            }
        }
    }

    fn escape(&mut self) -> Option<()> {
        let letter = *self.bytes.get(self.at + 1)?;
        self.at += 2;
        self.is_escaped = true;
        match letter {
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Some(()),
            b'u' => {
                let digits = self.bytes.get(self.at..self.at + 4)?;
                self.at += 4;
                digits.iter().all(u8::is_ascii_hexdigit).then_some(())
            }
            _ => None,
        }
    }

    /// A number (§6).
    fn number(&mut self) -> Option<()> {
        if self.peek()? == b'-' {
            self.at += 1;
        }
        match self.peek()? {
            b'0' => self.at += 1,
            _ => self.digits()?,
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits()?;
        }
        Some(())
    }

    fn digits(&mut self) -> Option<()> {
        let start = self.at;
        self.skip_while(|byte| byte.is_ascii_digit());
        (self.at > start).then_some(())
    }
}
