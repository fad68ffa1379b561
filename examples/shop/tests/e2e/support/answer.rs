use serde_json::Value;

use super::{Request, reference};

/// A response.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

/// A response's report of a failure: the violations as `location code`, sorted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub status: u16,
    pub code: String,
    pub violations: Vec<String>,
}

impl Answer {
    /// The only header of this name.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut found = self.headers.iter().filter(|(known, _)| known == name);
        let value = found.next().map(|(_, value)| value.as_str());
        assert!(found.next().is_none(), "{name} is sent twice");
        value
    }

    pub fn etag(&self) -> &str {
        self.header("etag").expect("no ETag")
    }

    pub fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// Fails unless the status is this one.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", String::from_utf8_lossy(&self.body));
        self
    }

    /// The answer as a problem.
    #[track_caller]
    pub fn problem(&self) -> Problem {
        assert!(self.status >= 400, "not a problem: {self:?}");
        let json = self.json();
        let entries = json["errors"].as_array().cloned().unwrap_or_default();
        let mut violations: Vec<_> = entries.iter().map(violation).collect();
        violations.sort();
        Problem { status: self.status, code: json["code"].as_str().unwrap().to_owned(), violations }
    }

    /// Fails unless the answer is a problem of this status and code, with these violations.
    #[track_caller]
    pub fn is_problem(&self, status: u16, code: &str, violations: &[&str]) {
        let mut violations: Vec<_> = violations.iter().map(|&text| text.to_owned()).collect();
        violations.sort();
        let expected = Problem { status, code: code.to_owned(), violations };
        assert_eq!(self.problem(), expected, "{}", self.text());
    }

    /// Checks the properties that every response has.
    #[track_caller]
    pub fn check(&self, request: &Request) {
        let id = self.header("x-request-id").expect("no X-Request-Id");
        assert!((1..=128).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic()), "{id:?}");
        assert_eq!(self.header("x-content-type-options"), Some("nosniff"));
        if self.status < 400 {
            return;
        }
        assert_eq!(self.header("content-type"), Some("application/problem+json"), "{self:?}");
        match self.status {
            401 => assert!(self.header("www-authenticate").is_some()),
            405 => assert!(self.header("allow").is_some()),
            _ => {}
        }
        if request.method != "HEAD" {
            self.check_problem(id, request);
        }
    }

    #[track_caller]
    fn check_problem(&self, id: &str, request: &Request) {
        let json = self.json();
        let code = json["code"].as_str().expect("a problem without a code");
        assert!(code.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'), "{code}");
        assert_eq!(json["type"], format!("https://shop.example/problems/{code}"));
        assert!(!json["title"].as_str().unwrap().is_empty());
        assert_eq!(json["status"], self.status);
        assert_eq!(json["request_id"], id);
        let path = request.target.split('?').next().unwrap();
        reference::check(&request.method, path, self.status, code);
        // As a reference, `//v1/orders` would name a host.
        let prefix = if path.starts_with("//") { "/." } else { "" };
        assert_eq!(json["instance"], format!("{prefix}{path}"));
        assert!(json["detail"].is_string() || json["detail"].is_null());
        assert!(self.status < 500 || json["detail"].is_null(), "a server error says too much: {json}");
    }
}

fn violation(entry: &Value) -> String {
    let entry = entry.as_object().unwrap();
    let places: Vec<_> = ["pointer", "parameter", "header"].iter().filter_map(|kind| entry.get(*kind)).collect();
    assert_eq!(places.len(), 1, "a violation has one place: {entry:?}");
    assert!(entry["detail"].is_string());
    let location = places[0].as_str().unwrap();
    format!("{location} {}", entry["code"].as_str().unwrap())
}
