use std::borrow::Cow;

use percent_encoding::percent_decode;

use super::Pair;

/// The pairs of `application/x-www-form-urlencoded` text, as the URL Standard parses it (§5.1), in their order. Bytes
/// that are not UTF-8 are not replaced: such a value becomes `None`, and such a name matches no known name.
pub(crate) fn pairs(input: &[u8]) -> impl Iterator<Item = Pair<'_>> {
    input.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()).map(|pair| {
        let mut halves = pair.splitn(2, |byte| *byte == b'=');
        let (name, value) = (halves.next().unwrap_or_default(), halves.next().unwrap_or_default());
        match (decoded(name), decoded(value)) {
            (Ok(name), value) => Pair { name, value: value.ok() },
            (Err(name), _) => Pair { name: String::from_utf8_lossy(&name).into_owned().into(), value: None },
        }
    })
}

fn decoded(part: &[u8]) -> Result<Cow<'_, str>, Vec<u8>> {
    if !part.iter().any(|byte| matches!(byte, b'+' | b'%')) {
        return std::str::from_utf8(part).map(Cow::Borrowed).map_err(|_| part.to_vec());
    }
    let spaced: Vec<u8> = part.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
    let bytes: Vec<u8> = percent_decode(&spaced).collect();
    String::from_utf8(bytes).map(Cow::Owned).map_err(std::string::FromUtf8Error::into_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(input: &str) -> Vec<(String, Option<String>)> {
        pairs(input.as_bytes()).map(|pair| (pair.name.into_owned(), pair.value.map(Cow::into_owned))).collect()
    }

    #[test]
    fn pairs_are_decoded() {
        let pair = |name: &str, value: &str| (name.to_owned(), Some(value.to_owned()));
        assert_eq!(shown("a=1&b=x+y%20z"), [pair("a", "1"), pair("b", "x y z")]);
        assert_eq!(shown("&&a&=b&c=d=e&"), [pair("a", ""), pair("", "b"), pair("c", "d=e")]);
        assert_eq!(shown("%61%2b=%zz%"), [pair("a+", "%zz%")]);
        assert_eq!(shown(""), []);
    }

    #[test]
    fn what_is_not_utf_8_is_kept_apart() {
        assert_eq!(shown("a=%ff&b=1")[0], ("a".to_owned(), None));
        assert_eq!(shown("%ff=1")[0], ("\u{fffd}".to_owned(), None));
    }
}
