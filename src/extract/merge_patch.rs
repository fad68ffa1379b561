use std::fmt;
use std::marker::PhantomData;

use http::{Extensions, Request};
use serde::Serialize;

use super::{body, media};
use crate::handler::{FromRequest, RequestBody};
use crate::payload::{Patch, PatchError, Payload, ValidationContext, read_patch};
use crate::problem::Problem;

/// A JSON merge patch of a `T` (RFC 7396): absent members stay, `null` removes a member, and any other value replaces
/// it.
///
/// `T` is the type of the value before and after the patch: its members are those that may be patched. The patch itself
/// is checked when it is read, for an unknown member, a value of the wrong type, a rule that is broken, and `null` for
/// a member that `T` requires. The outcome is checked as a whole when the patch is [applied](Self::apply).
///
/// Fails with 415 and `Accept-Patch` unless the body is `application/merge-patch+json`, and otherwise like
/// [`Json`](crate::Json).
///
/// ```
/// use buttress::handler::service;
/// use buttress::extract::MergePatch;
/// use buttress::payload::PatchError;
/// use std::collections::BTreeMap;
/// # use tower::ServiceExt;
/// # use http_body_util::BodyExt;
///
/// type Stock = BTreeMap<String, u32>;
///
/// async fn restock(patch: MergePatch<Stock>) -> Result<String, PatchError> {
///     let before = Stock::from([("mug".to_owned(), 1), ("tee".to_owned(), 2)]);
///     let after = patch.apply(&before)?;
///     Ok(format!("{after:?}"))
/// }
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let request = http::Request::patch("/").header("content-type", "application/merge-patch+json");
/// let patch = String::from(r#"{"mug": null, "pin": 3}"#);
/// let response = service(restock, ()).oneshot(request.body(patch).unwrap()).await.unwrap();
/// let body = response.into_body().collect().await.unwrap().to_bytes();
/// assert_eq!(body, r#"{"pin": 3, "tee": 2}"#);
/// # });
/// ```
#[derive(Clone)]
pub struct MergePatch<T> {
    patch: Patch,
    context: Extensions,
    of: PhantomData<fn() -> T>,
}

impl<T: Payload + Serialize> MergePatch<T> {
    /// Applies the patch to the current value, and checks the outcome as a whole.
    ///
    /// # Errors
    ///
    /// The outcome is not acceptable, or the value cannot be serialised.
    pub fn apply(&self, current: &T) -> Result<T, PatchError> {
        self.patch.apply(current, ValidationContext::with_extensions(&self.context))
    }
}

impl<S: Sync, B: RequestBody, T: Payload> FromRequest<S, B> for MergePatch<T> {
    async fn from_request(request: Request<B>, _: &S) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        media::MERGE_PATCH.require(&parts.headers)?;
        let bytes = body::read(body, &parts.extensions).await?;
        let patch = read_patch::<T>(&bytes, ValidationContext::with_extensions(&parts.extensions))?;
        Ok(Self { patch, context: parts.extensions, of: PhantomData })
    }
}

/// Hides the content that was sent.
impl<T> fmt::Debug for MergePatch<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MergePatch").finish_non_exhaustive()
    }
}
