use std::process::Command;
use std::sync::LazyLock;

/// The problems of the layers and the extractors, which come before the handler or instead of it.
const BEFORE_THE_HANDLER: [&str; 11] = [
    "content-too-large",
    "incomplete-body",
    "internal",
    "invalid-input",
    "malformed-body",
    "not-found",
    "overloaded",
    "request-timeout",
    "timeout",
    "unauthorized",
    "unsupported-media-type",
];

/// The problems of the addresses that have no handler.
const WITHOUT_A_HANDLER: [&str; 2] = ["method-not-allowed", "not-found"];

/// The output of `shop problems`: the problems that the handlers list in their types.
static REFERENCE: LazyLock<Vec<String>> = LazyLock::new(|| {
    let output = Command::new(env!("CARGO_BIN_EXE_shop")).arg("problems").output().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
});

/// Each route with the codes of its problems, as the shop prints them.
pub fn routes() -> Vec<(String, Vec<String>)> {
    let mut routes: Vec<(String, Vec<String>)> = Vec::new();
    for line in REFERENCE.iter() {
        let words: Vec<_> = line.split(' ').collect();
        let (route, code) = (words[..2].join(" "), format!("{} {}", words[2], words[3].trim_end_matches(':')));
        match routes.last_mut().filter(|(known, _)| *known == route) {
            Some((_, codes)) => codes.push(code),
            None => routes.push((route, vec![code])),
        }
    }
    routes
}

/// Fails if a route refuses a request with a problem that its handler does not list.
#[track_caller]
pub fn check(method: &str, path: &str, status: u16, code: &str) {
    let method = if method == "HEAD" { "GET" } else { method };
    let mut routes = routes().into_iter();
    let Some((route, codes)) = routes.find(|(route, _)| is_at(route, method, path)) else {
        assert!(WITHOUT_A_HANDLER.contains(&code) || BEFORE_THE_HANDLER.contains(&code), "{method} {path}: {code}");
        return;
    };
    let listed = codes.contains(&format!("{status} {code}")) || BEFORE_THE_HANDLER.contains(&code);
    assert!(listed, "{route} does not list {status} {code}, only {codes:?}");
}

fn is_at(route: &str, method: &str, path: &str) -> bool {
    let Some(template) = route.strip_prefix(method).and_then(|rest| rest.strip_prefix(' ')) else { return false };
    let (template, path): (Vec<_>, Vec<_>) = (template.split('/').collect(), path.split('/').collect());
    template.len() == path.len()
        && template.iter().zip(&path).all(
            |(expected, found)| {
                if expected.starts_with('{') { !found.is_empty() } else { expected == found }
            },
        )
}
