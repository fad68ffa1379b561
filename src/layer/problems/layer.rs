use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::{HeaderMap, StatusCode};
use tower_layer::Layer;

use super::ProblemsService;
use super::policy::Policy;
use crate::problem::{Envelope, Problem};
use crate::violation::Violation;

/// Makes every failure leave in one envelope. See the [module docs](super).
#[derive(Clone)]
pub struct ProblemsLayer {
    pub(crate) policy: Policy,
}

impl ProblemsLayer {
    /// Writes RFC 9457, lets no foreign error pass, and says `Retry-After: 1` when the service is overloaded.
    #[must_use]
    pub const fn new() -> Self {
        Self { policy: Policy::new() }
    }

    /// Writes another format.
    #[must_use]
    pub fn envelope(mut self, envelope: impl Envelope) -> Self {
        self.policy.envelope = Some(Arc::new(envelope));
        self
    }

    /// The beginning of `type`, such as `https://shop.example/problems/`; the code of the problem follows it.
    #[must_use]
    pub fn type_base(mut self, base: impl Into<Cow<'static, str>>) -> Self {
        self.policy.type_base = Some(base.into());
        self
    }

    /// Lets error responses that are not problems pass unchanged, if `passes` returns `true` for them.
    ///
    /// This is for a service that already has its own errors in JSON, and for a gateway whose upstream uses the
    /// service's format. By default all of them are replaced; the first one that is JSON is logged as a `WARN`.
    ///
    /// ```
    /// use buttress::layer::ProblemsLayer;
    ///
    /// let keeps_its_json = ProblemsLayer::new().pass_foreign(|_status, headers| {
    ///     headers.get("content-type").is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"))
    /// });
    /// # let _ = keeps_its_json;
    /// ```
    #[must_use]
    pub fn pass_foreign(mut self, passes: impl Fn(StatusCode, &HeaderMap) -> bool + Send + Sync + 'static) -> Self {
        self.policy.passes = Some(Arc::new(passes));
        self
    }

    /// Changes problems before they are written, whether they come from handlers, extractors, layers, or the status
    /// of a foreign response. The response, the log and the outer layers see the problem that `map` returns.
    ///
    /// This is for a contract that is older than this layer. [`with_status`](Problem::with_status) and
    /// [`with_kind`](Problem::with_kind) give a problem another status or code; neither can make a problem that HTTP
    /// forbids, or reveal the details that a server error hides. A server error that is hidden behind a new problem
    /// is still logged.
    ///
    /// ```
    /// use buttress::layer::ProblemsLayer;
    /// use buttress::problem::ErrorStatus;
    ///
    /// // This API has always answered 422 to a body that it cannot accept.
    /// let problems = ProblemsLayer::new().map(|problem| match problem.code() {
    ///     "malformed-body" | "unsupported-media-type" => problem.with_status(ErrorStatus::UNPROCESSABLE_ENTITY),
    ///     _ => problem,
    /// });
    /// # let _ = problems;
    /// ```
    #[must_use]
    pub fn map(mut self, map: impl Fn(Problem) -> Problem + Send + Sync + 'static) -> Self {
        self.policy.map = Some(Arc::new(map));
        self
    }

    /// Translates the messages of violations, by code and parameters, for the `Accept-Language` of the request.
    ///
    /// `None` keeps the message. Responses with violations then say `Vary: Accept-Language`.
    #[must_use]
    pub fn translate(
        mut self,
        message: impl Fn(&Violation, Option<&str>) -> Option<String> + Send + Sync + 'static,
    ) -> Self {
        self.policy.message = Some(Arc::new(message));
        self
    }

    /// The value of `Retry-After` when the service is overloaded, rounded up to whole seconds. Defaults to one
    /// second.
    #[must_use]
    pub const fn retry_after(mut self, delay: Duration) -> Self {
        self.policy.retry_after = delay;
        self
    }
}

impl Default for ProblemsLayer {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for ProblemsLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Problems").field(&self.policy).finish()
    }
}

impl<S> Layer<S> for ProblemsLayer {
    type Service = ProblemsService<S>;

    fn layer(&self, inner: S) -> ProblemsService<S> {
        ProblemsService::new(inner, Arc::new(self.policy.clone()))
    }
}
