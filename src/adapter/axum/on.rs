use std::future::Future;
use std::pin::Pin;

use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;

use super::__private::from_request;
use super::response;
use crate::handler::{Handler, IntoResponse};

/// Makes any handler of this crate a handler for axum, whatever its arguments and its return type: `get(On(handler))`.
///
/// See the [module docs](super).
#[derive(Debug, Clone, Copy)]
pub struct On<H>(pub H);

// This impl does not correct a mistake in a handler, so the compiler should not propose it.
#[diagnostic::do_not_recommend]
impl<H, T, S> axum::handler::Handler<T, S> for On<H>
where
    H: Handler<T, S, Body>,
    T: 'static,
    S: Clone + Send + Sync + 'static,
{
    type Future = Pin<Box<dyn Future<Output = Response> + Send>>;

    fn call(self, request: Request, state: S) -> Self::Future {
        Box::pin(async move {
            match from_request::<Request, S, _>(request, &state).await {
                Ok(request) => response(self.0.handle(request, state).await),
                Err(problem) => response(problem.into_response()),
            }
        })
    }
}
