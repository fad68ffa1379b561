//! The response types of handlers, through the public interface.
#![allow(missing_docs, clippy::unwrap_used)]

#[cfg(feature = "axum")]
mod axum;
mod cursor;
mod entity_tag;
mod envelope;
mod errors;
mod hyper;
mod numbers;
mod page;
mod page_query;
mod precondition;
mod status;
#[cfg(all(feature = "chrono", feature = "jiff", feature = "time"))]
mod time_crates;
mod timestamp;
mod versioned;

use buttress::handler::{IntoResponse, Response};
use http_body_util::BodyExt;

/// The head of a response, and its body as text.
struct Answer {
    head: http::response::Parts,
    body: String,
}

impl Answer {
    fn of(answer: impl IntoResponse) -> Self {
        Self::from_response(answer.into_response())
    }

    fn from_response(response: Response) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let (head, body) = response.into_parts();
        let bytes = runtime.block_on(body.collect()).unwrap().to_bytes();
        Self { head, body: String::from_utf8(bytes.to_vec()).unwrap() }
    }

    fn status(&self) -> u16 {
        self.head.status.as_u16()
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.head.headers.get(name).map(|value| value.to_str().unwrap())
    }
}

#[cfg(feature = "extract")]
async fn text_of(response: Response) -> String {
    String::from_utf8(response.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap()
}

/// A value that does not serialise, and whose error must not be shown.
struct Unserialisable;

impl serde::Serialize for Unserialisable {
    fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        Err(serde::ser::Error::custom("the internals"))
    }
}

fn assert_masked(answer: &Answer) {
    assert_eq!(answer.status(), 500);
    assert_eq!(answer.header("content-type"), Some("application/problem+json"));
    assert_eq!(answer.body, r#"{"title":"Internal server error","status":500,"code":"internal"}"#);
}
