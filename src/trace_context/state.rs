//! `tracestate` (W3C Trace Context §3.3): a list of `key=value`, passed on unchanged if it is well formed.

use http::{HeaderMap, HeaderValue};

use super::TraceContext;

const MAX_MEMBERS: usize = 32;
const MAX_LEN: usize = 512;

/// Reads all `tracestate` headers as one list.
pub(super) fn read(headers: &HeaderMap) -> Option<HeaderValue> {
    let mut lines = headers.get_all(&TraceContext::STATE_HEADER).iter();
    let first = lines.next()?;
    let mut lines = lines.peekable();
    if lines.peek().is_none() {
        return is_list(first.as_bytes()).then(|| first.clone());
    }
    let mut list = first.as_bytes().to_vec();
    for line in lines {
        list.push(b',');
        list.extend_from_slice(line.as_bytes());
        if list.len() > MAX_LEN {
            return None;
        }
    }
    if is_list(&list) { HeaderValue::from_bytes(&list).ok() } else { None }
}

/// Reads one list.
pub(super) fn parse(list: &str) -> Option<HeaderValue> {
    if is_list(list.as_bytes()) { HeaderValue::from_str(list).ok() } else { None }
}

/// Whether it is a list of 1 to 32 members with different keys; empty members do not count.
fn is_list(list: &[u8]) -> bool {
    if list.len() > MAX_LEN {
        return false;
    }
    let mut keys: Vec<&[u8]> = Vec::new();
    for member in list.split(|byte| *byte == b',').map(<[u8]>::trim_ascii).filter(|member| !member.is_empty()) {
        let Some(equals) = member.iter().position(|byte| *byte == b'=') else { return false };
        let (key, value) = member.split_at(equals);
        if !is_key(key) || !is_value(value) || keys.contains(&key) || keys.len() == MAX_MEMBERS {
            return false;
        }
        keys.push(key);
    }
    !keys.is_empty()
}

/// `system`, or `tenant@system`, each of at most 256 characters in all.
fn is_key(key: &[u8]) -> bool {
    let mut parts = key.split(|byte| *byte == b'@');
    let (first, second) = (parts.next().unwrap_or_default(), parts.next());
    let inside = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_-*/".contains(byte);
    let simple = |name: &[u8]| name.first().is_some_and(u8::is_ascii_lowercase) && name.iter().all(inside);
    let tenant = |name: &[u8]| name.first().is_some_and(u8::is_ascii_alphanumeric) && name.iter().all(inside);
    parts.next().is_none()
        && key.len() <= 256
        && match second {
            None => simple(first),
            Some(system) => tenant(first) && simple(system),
        }
}

/// The part after a key: `=`, then up to 256 visible characters or spaces, without `,` and `=`.
fn is_value(value: &[u8]) -> bool {
    let value = value.get(1..).unwrap_or_default();
    (1..=256).contains(&value.len()) && value.iter().all(|byte| matches!(byte, b' '..=b'~') && !b",=".contains(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_lines(lines: &[&str]) -> Option<String> {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(TraceContext::STATE_HEADER, line.parse().unwrap());
        }
        read(&headers).map(|value| value.to_str().unwrap().to_owned())
    }

    #[test]
    fn a_list_is_passed_on_as_it_came() {
        for list in ["a=1", "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE", "a=1, b=2 ,,c= 3", "1fw529a3039@dt=x_y*/-~!"] {
            assert_eq!(read_lines(&[list]).as_deref(), Some(list));
        }
        assert_eq!(read_lines(&["a=1", "b=2"]).as_deref(), Some("a=1,b=2"));
    }

    #[test]
    fn a_damaged_list_is_left_out() {
        for list in ["", ",", "a", "a=", "=1", "A=1", "1=a", "a=1,a=2", "a=b=c", "a=\u{e9}", "a@b@c=1", "@b=1", "a@=1"]
        {
            assert_eq!(read_lines(&[list]), None, "{list}");
        }
    }

    #[test]
    fn a_long_list_is_left_out() {
        let members = |count: usize| (0..count).map(|n| format!("k{n}=1")).collect::<Vec<_>>().join(",");
        assert!(read_lines(&[&members(32)]).is_some());
        assert!(read_lines(&[&members(33)]).is_none());
        let long = "v".repeat(253);
        assert_eq!(read_lines(&[&format!("a={long}"), &format!("b={long}")]).unwrap().len(), 511);
        assert!(read_lines(&[&format!("a={long},b={long}v")]).is_some());
        assert!(read_lines(&[&format!("a={long},b={long}vv")]).is_none());
        assert!(read_lines(&[&format!("a={long}"), &format!("b={long}vv")]).is_none());
        assert!(read_lines(&[&format!("a={}", "v".repeat(257))]).is_none());
    }
}
