//! axum 0.8: extractors, responses and problems of this crate work in axum, and so do its handlers, by [`On`].
//!
//! There is nothing to call. An extractor of this crate is an argument of axum's handlers, a response of this crate is
//! a return type of theirs, and layers of this crate go into [`Router::layer`](axum::Router::layer) as any tower layer
//! does:
//!
//! ```
//! use axum::{Router, routing::get};
//! use buttress::{Problem, State};
//! use tower::ServiceExt;
//!
//! async fn stock(State(left): State<u32>) -> Result<String, Problem> {
//!     if left == 0 { Err(Problem::not_found()) } else { Ok(left.to_string()) }
//! }
//!
//! let app = Router::new().route("/stock", get(stock)).with_state(0);
//! # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
//! let response = app.oneshot(axum::extract::Request::get("/stock").body(axum::body::Body::empty()).unwrap()).await.unwrap();
//! assert_eq!(response.status(), 404);
//! assert_eq!(response.headers()["content-type"], "application/problem+json");
//! # });
//! ```
//!
//! axum reports a mistake in a handler where it is used, about the function as a whole. `#[buttress::handler(axum)]` on
//! the function, with the feature `derive`, reports it at the argument or return type in question, and says what to do.
//!
//! <div class="warning">
//!
//! `axum::Json`, `Form`, `Query` and `Path` skip the rules of a payload. Import those of this crate; the module
//! `extract` has lines for `clippy.toml` that refuse axum's.
//!
//! </div>
//!
//! A type of your own takes one line, see [`adapter`](super). If even that is too much, [`On`] makes a whole handler
//! work in axum:
//!
//! ```
//! use axum::{Router, routing::get};
//! use buttress::adapter::axum::On;
//! use buttress::handler::{IntoResponse, Response};
//!
//! struct Teapot; // no line for axum
//!
//! impl IntoResponse for Teapot {
//!     fn into_response(self) -> Response {
//!         http::StatusCode::IM_A_TEAPOT.into_response()
//!     }
//! }
//!
//! async fn brew(_: http::Method) -> Teapot {
//!     Teapot
//! }
//!
//! let app: Router = Router::new().route("/tea", get(On(brew)));
//! # let _ = app;
//! ```

mod on;
mod path;
mod table;

#[doc(hidden)]
pub mod __private;

pub use self::on::On;
pub use self::path::matched_path;

use axum::response::Response;

use crate::handler::{IntoResponse, strip_forbidden_content};

/// Turns the return value of a handler of this crate into a response for axum.
///
/// The body is boxed once, as axum boxes all bodies; its length stays known.
pub fn response(answer: impl IntoResponse) -> Response {
    strip_forbidden_content(answer.into_response(), false).map(axum::body::Body::new)
}
