//! How the template of a route matches a path.

use percent_encoding::percent_decode_str;

/// The names and decoded values of the parameters, if the template matches.
pub(super) fn matching(template: &str, path: &str) -> Option<Vec<(String, String)>> {
    let mut params = Vec::new();
    let mut rest = Some(path);
    for part in template.split('/') {
        let left = rest?;
        if let Some(name) = wildcard(part) {
            params.push((name.to_owned(), value(left)?));
            return Some(params);
        }
        let (segment, behind) = left.split_once('/').map_or((left, None), |(segment, behind)| (segment, Some(behind)));
        match parameter(part) {
            Some(name) => params.push((name.to_owned(), value(segment)?)),
            None if part == segment => {}
            None => return None,
        }
        rest = behind;
    }
    rest.is_none().then_some(params)
}

/// The name in `{*name}`.
fn wildcard(part: &str) -> Option<&str> {
    part.strip_prefix("{*")?.strip_suffix('}')
}

/// The name in `{name}`.
fn parameter(part: &str) -> Option<&str> {
    part.strip_prefix('{')?.strip_suffix('}')
}

/// The decoded value, if it is UTF-8 and not empty.
fn value(encoded: &str) -> Option<String> {
    let decoded = percent_decode_str(encoded).decode_utf8().ok()?;
    (!encoded.is_empty()).then(|| decoded.into_owned())
}

#[cfg(test)]
mod tests {
    use super::matching;

    #[test]
    fn a_template_matches_whole_segments() {
        type Params = &'static [(&'static str, &'static str)];

        let cases: &[(&str, &str, Option<Params>)] = &[
            ("/", "/", Some(&[])),
            ("/orders", "/orders", Some(&[])),
            ("/orders", "/orders/", None),
            ("/orders/", "/orders/", Some(&[])),
            ("/orders/", "/orders", None),
            ("/orders", "/order", None),
            ("/orders/{id}", "/orders/7", Some(&[("id", "7")])),
            ("/orders/{id}", "/orders/%37", Some(&[("id", "7")])),
            ("/orders/{id}", "/orders/a+b", Some(&[("id", "a+b")])),
            ("/orders/{id}", "/orders/..", Some(&[("id", "..")])),
            ("/orders/{id}", "/orders//", None),
            ("/orders/{id}", "/orders", None),
            ("/orders/{id}", "/orders/%", Some(&[("id", "%")])),
            ("/{a}/{b}", "/1/2", Some(&[("a", "1"), ("b", "2")])),
            ("/{a}/x/{b}", "/1/y/2", None),
            ("/files/{*path}", "/files/a/b%2Fc/", Some(&[("path", "a/b/c/")])),
            ("/files/{*path}", "/files/", None),
            ("/files/{*path}", "/files", None),
            ("/%6Frders", "/orders", None),
            ("", "", Some(&[])),
        ];
        for (template, path, expected) in cases {
            let expected =
                expected.map(|params| params.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect());
            assert_eq!(matching(template, path), expected, "{template} {path}");
        }
    }
}
