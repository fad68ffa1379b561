//! Authorization: only a client with the admin token may change products (RFC 6750).

use std::fmt;

use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use buttress::Problem;
use buttress::handler::{FromRequestParts, Provide};
use buttress::problem::Challenge;
use subtle::ConstantTimeEq;
use uuid::Uuid;

/// The token that protected routes ask for. Its `Debug` output hides it.
#[derive(Clone)]
pub struct AdminToken(String);

impl AdminToken {
    /// The rule for a token.
    pub const RULE: &str = "a bearer token: letters, digits and any of -._~+/, with any number of = at its end";

    /// Reads a token, if it can be sent in an `Authorization` header.
    pub fn parse(text: &str) -> Option<Self> {
        let body = text.trim_end_matches('=');
        let legal = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/".contains(&byte);
        (!body.is_empty() && body.bytes().all(legal)).then(|| Self(text.to_owned()))
    }

    /// A new token of 244 random bits.
    pub fn generate() -> Self {
        Self(format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple()))
    }

    /// Shows the token, for the operator who starts the shop.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Compares in a time that does not depend on where the two tokens differ.
    fn is(&self, presented: &[u8]) -> bool {
        self.0.as_bytes().ct_eq(presented).into()
    }
}

impl fmt::Debug for AdminToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AdminToken(…)")
    }
}

/// Proof that the request presented the admin token. As a handler's first argument, it is checked before any other part
/// of the request is reported as wrong.
#[derive(Debug)]
pub struct Admin;

buttress::adapt_parts!(Admin);

impl<S: Provide<AdminToken> + Sync> FromRequestParts<S> for Admin {
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let mut headers = parts.headers.get_all(AUTHORIZATION).iter();
        let Some(presented) = headers.next().and_then(|value| bearer(value.as_bytes())) else {
            return Err(Problem::unauthorized(&Challenge::bearer()));
        };
        // If there are two headers, a proxy in front of the shop may have checked the other one.
        if headers.next().is_none() && state.provide().is(presented) {
            return Ok(Self);
        }
        let wrong = Challenge::bearer().param("error", "invalid_token");
        Err(Problem::unauthorized(&wrong).with_detail("this token is not valid here"))
    }
}

/// The token of `Bearer <token>`. The scheme may be written in any case (RFC 9110 §11.1).
fn bearer(value: &[u8]) -> Option<&[u8]> {
    let (scheme, token) = value.split_at_checked("Bearer ".len())?;
    scheme.eq_ignore_ascii_case(b"Bearer ").then(|| token.trim_ascii())
}
