//! A router of a few lines, to show that this suite needs no framework.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use buttress::Problem;
use buttress::handler::{Handler, IntoResponse, PathParams, Response, RouteTemplate, service};
use buttress::problem::Allow;
use http::{Method, Request};
use percent_encoding::percent_decode_str;
use tower::ServiceExt;
use tower::util::BoxCloneSyncService;

struct Route<B> {
    method: Method,
    template: &'static str,
    service: BoxCloneSyncService<Request<B>, Response, Infallible>,
}

pub(crate) struct Router<S, B> {
    state: S,
    routes: Arc<Vec<Route<B>>>,
}

impl<S: Clone, B> Clone for Router<S, B> {
    fn clone(&self) -> Self {
        Self { state: self.state.clone(), routes: Arc::clone(&self.routes) }
    }
}

impl<S: Clone + Send + Sync + 'static, B: Send + 'static> Router<S, B> {
    pub(crate) fn new(state: S) -> Self {
        Self { state, routes: Arc::default() }
    }

    pub(crate) fn route<T: 'static>(
        mut self,
        method: Method,
        template: &'static str,
        handler: impl Handler<T, S, B>,
    ) -> Self {
        let service = BoxCloneSyncService::new(service(handler, self.state.clone()));
        Arc::get_mut(&mut self.routes).unwrap().push(Route { method, template, service });
        self
    }
}

impl<S, B: Send + 'static> tower::Service<Request<B>> for Router<S, B> {
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let found = self.routes.iter().filter_map(|route| Some((route, params(route.template, request.uri().path())?)));
        let found: Vec<_> = found.collect();
        let method = if request.method() == Method::HEAD { &Method::GET } else { request.method() };
        let refused = match found.iter().find(|(route, _)| route.method == *method) {
            Some((route, params)) => match params {
                Some(params) => {
                    request.extensions_mut().insert(params.clone());
                    request.extensions_mut().insert(RouteTemplate::new(route.template));
                    return Box::pin(route.service.clone().oneshot(request));
                }
                None => Problem::not_found(),
            },
            None if found.is_empty() => Problem::not_found(),
            None => {
                let methods: Vec<_> = found.iter().map(|(route, _)| route.method.clone()).collect();
                Problem::method_not_allowed(&Allow::new(&methods))
            }
        };
        Box::pin(async move { Ok(refused.into_response()) })
    }
}

/// The parameters of a path that matches a template; `Some(None)` if one of them is not UTF-8.
fn params(template: &str, path: &str) -> Option<Option<PathParams>> {
    if template.split('/').count() != path.split('/').count() {
        return None;
    }
    let mut params = Some(Vec::new());
    for (part, segment) in template.split('/').zip(path.split('/')) {
        match part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) {
            Some(name) => match percent_decode_str(segment).decode_utf8() {
                Ok(value) => params.iter_mut().for_each(|params| params.push((name, value.clone().into_owned()))),
                Err(_) => params = None,
            },
            None if part == segment => {}
            None => return None,
        }
    }
    Some(params.map(PathParams::from_iter))
}
