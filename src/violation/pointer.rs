use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;

use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};

/// How many bytes of a member's name a pointer shows.
///
/// A pointer may repeat the name of a member that the client made up; the limit keeps a client from having kilobytes
/// sent back.
pub(super) const MAX_TOKEN: usize = 128;

/// The characters that RFC 3986 §3.5 does not allow in a fragment.
const NOT_IN_FRAGMENT: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'<')
    .add(b'>')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// A place in a JSON document, as a URI fragment: `#/lines/0/quantity` (RFC 6901 §6).
///
/// The root is `#`. In a token, `~` and `/` are escaped as `~0` and `~1`, then every character that a URI fragment
/// cannot hold is percent-encoded. Tokens longer than 128 bytes are cut at a character boundary.
///
/// ```
/// use buttress::violation::JsonPointer;
///
/// let mut pointer = JsonPointer::root();
/// pointer.push("a/b");
/// pointer.push_index(7);
/// assert_eq!(pointer.as_str(), "#/a~1b/7");
/// ```
///
/// Pointers are ordered token by token, names by their text and indices by their number: `#/lines/2` comes before
/// `#/lines/10/sku`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct JsonPointer(String);

impl JsonPointer {
    /// The whole document: `#`.
    #[must_use]
    pub fn root() -> Self {
        Self("#".to_owned())
    }

    /// Steps into a member of an object.
    pub fn push(&mut self, name: &str) {
        let name = capped(name);
        self.0.push('/');
        if name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-') {
            return self.0.push_str(name);
        }
        for (i, part) in name.split('~').enumerate() {
            if i > 0 {
                self.0.push_str("~0");
            }
            self.push_without_tilde(part);
        }
    }

    fn push_without_tilde(&mut self, part: &str) {
        for (i, piece) in part.split('/').enumerate() {
            if i > 0 {
                self.0.push_str("~1");
            }
            self.0.extend(utf8_percent_encode(piece, NOT_IN_FRAGMENT));
        }
    }

    /// Steps into an element of an array.
    pub fn push_index(&mut self, index: usize) {
        use fmt::Write;
        // Writing to a String cannot fail.
        let _ = write!(self.0, "/{index}");
    }

    /// The pointer as it appears in a response, including `#`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The plain pointer, `/lines/0/quantity`: without `#` and percent-encoding (RFC 6901 §5).
    #[must_use]
    pub fn decoded(&self) -> Cow<'_, str> {
        let fragment = self.0.strip_prefix('#').unwrap_or(&self.0);
        percent_decode_str(fragment).decode_utf8_lossy()
    }

    pub(super) fn with_capacity(bytes: usize) -> Self {
        let mut text = String::with_capacity(bytes);
        text.push('#');
        Self(text)
    }
}

impl Ord for JsonPointer {
    fn cmp(&self, other: &Self) -> Ordering {
        let (mine, theirs) = after_common_tokens(self.0.as_bytes(), other.0.as_bytes());
        // If the tokens are the same, one pointer is a prefix of the other.
        rank(mine).cmp(&rank(theirs)).then(self.0.len().cmp(&other.0.len()))
    }
}

impl PartialOrd for JsonPointer {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// The rest of each pointer, from the first token that may differ.
fn after_common_tokens<'a>(a: &'a [u8], b: &'a [u8]) -> (&'a [u8], &'a [u8]) {
    let mut start = 0;
    for (i, (x, y)) in a.iter().zip(b).enumerate() {
        match x == y {
            true if *x == b'/' => start = i + 1,
            true => {}
            false => break,
        }
    }
    (a.get(start..).unwrap_or_default(), b.get(start..).unwrap_or_default())
}

/// Indices come before names; of two indices, the one with fewer digits comes first.
fn rank(rest: &[u8]) -> (bool, usize, &[u8]) {
    let end = rest.iter().position(|byte| *byte == b'/').unwrap_or(rest.len());
    let token = rest.get(..end).unwrap_or_default();
    let is_index = !token.is_empty() && token.iter().all(u8::is_ascii_digit);
    (!is_index, if is_index { token.len() } else { 0 }, token)
}

impl fmt::Display for JsonPointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The longest prefix of `name` that has at most [`MAX_TOKEN`] bytes and ends at a character boundary.
pub(super) fn capped(name: &str) -> &str {
    if name.len() <= MAX_TOKEN {
        return name;
    }
    let end = (0..=MAX_TOKEN).rev().find(|&i| name.is_char_boundary(i)).unwrap_or(0);
    name.get(..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pointer(tokens: &[&str]) -> String {
        let mut pointer = JsonPointer::root();
        tokens.iter().for_each(|token| pointer.push(token));
        pointer.0
    }

    #[test]
    fn the_examples_of_rfc_6901_section_6() {
        for (token, expected) in [
            ("", "#/"),
            ("a/b", "#/a~1b"),
            ("c%d", "#/c%25d"),
            ("e^f", "#/e%5Ef"),
            ("g|h", "#/g%7Ch"),
            ("i\\j", "#/i%5Cj"),
            ("k\"l", "#/k%22l"),
            (" ", "#/%20"),
            ("m~n", "#/m~0n"),
        ] {
            assert_eq!(pointer(&[token]), expected);
        }
        assert_eq!(pointer(&[]), "#");
        assert_eq!(pointer(&["foo", "0"]), "#/foo/0");
    }

    #[test]
    fn escapes_are_not_escaped_again() {
        assert_eq!(pointer(&["~/~1"]), "#/~0~1~01");
        assert_eq!(pointer(&["é"]), "#/%C3%A9");
    }

    #[test]
    fn pointers_are_ordered_as_a_reader_counts() {
        // An empty name is a name: it comes after the indices.
        let ordered = ["#", "#/2", "#/2/b", "#/2/b/a", "#/01", "#/10", "#/10/a", "#/", "#/a", "#/a/1", "#/a/b", "#/ab"]
            .map(|text| JsonPointer(text.to_owned()));
        for (i, a) in ordered.iter().enumerate() {
            for (j, b) in ordered.iter().enumerate() {
                assert_eq!(a.cmp(b), i.cmp(&j), "{a} {b}");
            }
        }
    }

    #[test]
    fn a_long_name_is_cut_between_characters() {
        let name = "é".repeat(100);
        assert_eq!(capped(&name).len(), 128);
        assert_eq!(capped(&format!("a{name}")).len(), 127);
    }
}
