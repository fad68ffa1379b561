use std::fmt::Write;

use http::{HeaderValue, Method};

/// The longest value of a parameter, in characters.
const MAX_PARAM: usize = 1_024;

/// The challenge of a 401: the value of `WWW-Authenticate` (RFC 9110 §11.6.1).
///
/// ```
/// use buttress::problem::Challenge;
///
/// assert_eq!(Challenge::bearer().to_string(), "Bearer");
/// let expired = Challenge::bearer().param("error", "invalid_token");
/// assert_eq!(expired.to_string(), r#"Bearer error="invalid_token""#);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Challenge {
    text: String,
    params: usize,
}

impl Challenge {
    /// A challenge of any scheme, such as `Basic`.
    #[must_use]
    pub fn new(scheme: &'static str) -> Self {
        Self { text: scheme.to_owned(), params: 0 }
    }

    /// The bearer challenge without parameters, for a request without credentials (RFC 6750 §3).
    #[must_use]
    pub fn bearer() -> Self {
        Self::new("Bearer")
    }

    /// Adds `name="value"`. Characters that a quoted string cannot hold are left out, and so is everything after the
    /// first 1,024 characters, because a value may come from the request.
    #[must_use]
    pub fn param(mut self, name: &'static str, value: &str) -> Self {
        self.text.push_str(if self.params == 0 { " " } else { ", " });
        self.text.push_str(name);
        self.text.push_str("=\"");
        for c in value.chars().filter(|c| matches!(c, ' '..='~')).take(MAX_PARAM) {
            if matches!(c, '"' | '\\') {
                self.text.push('\\');
            }
            self.text.push(c);
        }
        self.text.push('"');
        self.params += 1;
        self
    }

    pub(super) fn to_value(&self) -> HeaderValue {
        HeaderValue::from_str(&self.text).unwrap_or_else(|_| HeaderValue::from_static("Bearer"))
    }
}

impl std::fmt::Display for Challenge {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

/// The mandatory header of a 405: the methods that the resource supports (RFC 9110 §10.2.1).
///
/// ```
/// use buttress::problem::Allow;
/// use http::Method;
///
/// assert_eq!(Allow::new(&[Method::GET, Method::HEAD]).to_string(), "GET, HEAD");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allow(String);

impl Allow {
    /// Allows these methods. An empty list is legal: the resource exists, but supports no method for now.
    #[must_use]
    pub fn new(methods: &[Method]) -> Self {
        let mut text = String::new();
        for (i, method) in methods.iter().enumerate() {
            // Writing to a String cannot fail.
            let _ = write!(text, "{}{method}", if i == 0 { "" } else { ", " });
        }
        Self(text)
    }

    pub(super) fn to_value(&self) -> HeaderValue {
        HeaderValue::from_str(&self.0).unwrap_or_else(|_| HeaderValue::from_static(""))
    }
}

impl std::fmt::Display for Allow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}
