use std::convert::Infallible;
use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll};

use http::Request;
use tower_service::Service;

use super::{Call, Extract, IntoResponse, Response, is_head, strip_forbidden_content};

/// An async function that answers requests. It is implemented for every async function whose arguments can be
/// extracted and whose output can be sent.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a handler",
    label = "not an `async fn` of at most 12 arguments",
    note = "write `async fn`; put some of more than 12 arguments into a struct of your own that implements `FromRequestParts`",
    note = "a closure has to be `Clone + Send + Sync + 'static`: keep what it holds in an `Arc`"
)]
pub trait Handler<T, S, B>: Clone + Send + Sync + 'static {
    /// Answers one request.
    fn handle(self, request: Request<B>, state: S) -> impl Future<Output = Response> + Send;
}

impl<F, Args, M, S, B> Handler<(M, Args), S, B> for F
where
    F: Call<Args, Future: Future<Output: IntoResponse> + Send>,
    Args: Extract<S, B, M> + Send,
    S: Send + Sync + 'static,
    B: Send + 'static,
{
    async fn handle(self, request: Request<B>, state: S) -> Response {
        let without_content = is_head(request.method());
        let response = match Args::extract(request, &state).await {
            Ok(args) => self.call(args).await.into_response(),
            Err(problem) => problem.into_response(),
        };
        strip_forbidden_content(response, without_content)
    }
}

/// Turns a handler into a [`tower`](tower_service) service. The service's type can be named; each request costs one
/// box.
///
/// See the [module docs](super) for an example, and [`unboxed`] for a service without the box.
pub const fn service<H, T, S>(handler: H, state: S) -> HandlerService<H, T, S> {
    HandlerService { handler, state, signature: PhantomData }
}

/// A handler with its state, as a `tower` service for requests with any body that the handler takes.
pub struct HandlerService<H, T, S> {
    handler: H,
    state: S,
    signature: PhantomData<fn() -> T>,
}

impl<H: Clone, T, S: Clone> Clone for HandlerService<H, T, S> {
    fn clone(&self) -> Self {
        Self { handler: self.handler.clone(), state: self.state.clone(), signature: PhantomData }
    }
}

impl<H, T, S> fmt::Debug for HandlerService<H, T, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("HandlerService").field(&std::any::type_name::<H>()).finish()
    }
}

impl<H, T, S, B> Service<Request<B>> for HandlerService<H, T, S>
where
    H: Handler<T, S, B>,
    S: Clone + Send + Sync + 'static,
    B: Send + 'static,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let (handler, state) = (self.handler.clone(), self.state.clone());
        Box::pin(async move { Ok(handler.handle(request, state).await) })
    }
}

/// Turns a handler into a service for requests with one type of body, without a box.
pub fn unboxed<H, T, S, B>(
    handler: H,
    state: S,
) -> impl Service<
    Request<B>,
    Response = Response,
    Error = Infallible,
    Future = impl Future<Output = Result<Response, Infallible>> + Send,
> + Clone
+ Send
+ Sync
where
    H: Handler<T, S, B>,
    S: Clone + Send + Sync + 'static,
    B: Send + 'static,
{
    FnService(move |request: Request<B>| {
        let (handler, state) = (handler.clone(), state.clone());
        async move { Ok(handler.handle(request, state).await) }
    })
}

/// A closure as a service; it is always ready.
#[derive(Clone)]
struct FnService<F>(F);

impl<F, R, Fut, A> Service<R> for FnService<F>
where
    F: FnMut(R) -> Fut,
    Fut: Future<Output = Result<A, Infallible>>,
{
    type Response = A;
    type Error = Infallible;
    type Future = Fut;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: R) -> Fut {
        (self.0)(request)
    }
}
