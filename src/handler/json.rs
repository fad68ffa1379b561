use std::cell::Cell;

use bytes::Bytes;
use http::HeaderValue;
use http::header::CONTENT_TYPE;
use serde::Serialize;

use super::{IntoResponse, Response};
use crate::body::Body;
use crate::problem::Problem;

/// JSON, in both directions: a handler takes it as an argument and returns it as a response.
///
/// As an argument (feature `extract`) it is a `T` that was read and checked. As a response it is the output of
/// [`serde::Serialize`] for `T`.
///
/// ```
/// use buttress::Json;
///
/// async fn double(Json(n): Json<u32>) -> Json<u64> {
///     Json(u64::from(n) * 2)
/// }
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Json<T>(pub T);

impl<T> From<T> for Json<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

/// 200 and `application/json`.
///
/// A value that does not serialise, such as one with a number that is not finite, is a masked 500, also inside any
/// other response type of this crate. axum's own `(StatusCode, _)` overwrites that status; the problems layer restores
/// it.
impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        match to_bytes(&self.0) {
            Ok(bytes) => json(bytes),
            Err(error) => Problem::internal(error).into_response(),
        }
    }
}

fn json(bytes: Bytes) -> Response {
    let mut response = Response::new(Body::from(bytes));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// The largest buffer that a thread keeps, in bytes.
const KEPT: usize = 64 * 1024;

thread_local! {
    static SCRATCH: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// Serialises into a buffer that the thread keeps, then copies: one allocation, of the right size.
///
/// The buffer is taken out while it is used, so a `Serialize` that calls this again works on a buffer of its own.
fn to_bytes(value: &impl Serialize) -> Result<Bytes, serde_json::Error> {
    let mut scratch = SCRATCH.try_with(Cell::take).unwrap_or_default();
    scratch.clear();
    crate::json::to_writer(&mut scratch, value)?;
    if scratch.len() > KEPT {
        return Ok(Bytes::from(scratch));
    }
    let bytes = Bytes::copy_from_slice(&scratch);
    if scratch.capacity() <= KEPT {
        // A thread that is ending can no longer keep it.
        let _ = SCRATCH.try_with(|kept| kept.set(scratch));
    }
    Ok(bytes)
}
