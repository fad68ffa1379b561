use http::Request;

use crate::handler::{Extract, FromRequest, via};
use crate::problem::Problem;

/// Several extractors that are read together, so that one response reports everything that is wrong with a request.
///
/// Arguments of a handler are read one after another, and the first that fails ends it. Inside `Input`, violations in
/// the path or the query are collected together with those of the headers and the body:
///
/// ```
/// use buttress::handler::service;
/// use buttress::Json;
/// use buttress::extract::{Input, Query};
/// # use buttress::payload::{Check, Payload, Shape};
/// # use buttress::violation::{At, Violation};
/// # use tower::ServiceExt;
/// # use http_body_util::BodyExt;
/// # #[derive(serde::Deserialize)] struct Page { limit: u32 }
/// # #[derive(serde::Deserialize)] struct Order { quantity: u32 }
/// # fn check(value: u32, at: &At<'_>, check: &mut Check<'_>) { if value == 0 { check.push(Violation::at(at, "range", "must be at least 1")); } }
/// # impl Payload for Page { fn shape() -> Shape { Shape::Unit } fn rules(&self, at: &At<'_>, c: &mut Check<'_>) { check(self.limit, &at.member("limit"), c) } }
/// # impl Payload for Order { fn shape() -> Shape { Shape::Unit } fn rules(&self, at: &At<'_>, c: &mut Check<'_>) { check(self.quantity, &at.member("quantity"), c) } }
///
/// async fn order(Input((Query(page), Json(order))): Input<(Query<Page>, Json<Order>)>) {
///     # let _ = (page.limit, order.quantity);
/// }
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let request = http::Request::post("/?limit=0").header("content-type", "application/json");
/// let response = service(order, ()).oneshot(request.body(String::from(r#"{"quantity":0}"#)).unwrap()).await.unwrap();
/// assert_eq!(response.status(), 422);
/// let body = response.into_body().collect().await.unwrap().to_bytes();
/// let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
/// assert_eq!(body["errors"][0]["pointer"], "#/quantity");
/// assert_eq!(body["errors"][1]["parameter"], "limit");
/// # });
/// ```
///
/// A failure that is not about content comes first and alone, in the order of the extractors: a 401 from a custom
/// extractor, then 415, 413 and 400 from the body. The body's extractor stands last, as in a handler, and so does
/// `Input` itself among a handler's arguments.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Input<T>(pub T);

impl<S: Sync, B: Send, M, T: Extract<S, B, M>> FromRequest<S, B, (via::Request, M)> for Input<T> {
    async fn from_request(request: Request<B>, state: &S) -> Result<Self, Problem> {
        T::extract_all(request, state).await.map(Self)
    }
}
