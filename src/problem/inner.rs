//! The data that the clones of a problem share, and how a problem is sent and logged.

use std::borrow::Cow;
use std::error::Error;
use std::sync::Arc;

use bytes::Bytes;
use http::HeaderMap;
use serde_json::Value;
use tracing::field::display;

use super::report::{Cause, Rendered, Reported, chain};
use super::{ProblemDetails, ProblemType};
use crate::body::Lazy;
pub(crate) use crate::telemetry::targets::PROBLEM as TARGET;
use crate::violation::Violations;

#[derive(Clone)]
pub(super) struct Inner {
    pub(super) kind: ProblemType,
    pub(super) variant: Option<&'static str>,
    pub(super) detail: Option<Cow<'static, str>>,
    /// Whether the detail is a text of this crate, which holds nothing that a client sent.
    pub(super) is_own_detail: bool,
    pub(super) violations: Violations,
    /// Whether it had the status of a server error before it was given another status.
    pub(super) was_fault: bool,
    pub(super) members: Vec<(&'static str, Value)>,
    pub(super) headers: HeaderMap,
    pub(super) source: Option<Arc<dyn Error + Send + Sync>>,
    /// The fields that the source adds to the log, if the source does not provide them itself.
    pub(super) cause: Option<Arc<Cause>>,
    pub(super) rendered: Rendered,
    pub(super) reported: Reported,
}

impl Inner {
    pub(super) fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as &(dyn Error + 'static))
    }

    /// The fields that the error behind the problem adds to the log.
    pub(super) fn cause(&self) -> Option<&Cause> {
        self.cause.as_deref().or_else(|| self.source().and_then(Cause::of))
    }

    pub(super) fn render(&self) -> Bytes {
        ProblemDetails::of(self).render(&super::envelope::Rfc9457)
    }

    /// Whether the server is at fault, by the first status of the problem. Another status that the problem was given
    /// later changes neither who is at fault nor which details may be shown.
    pub(super) fn is_fault(&self) -> bool {
        self.was_fault || self.kind.status().is_server_error()
    }

    pub(super) fn report(&self, request_id: Option<&str>) {
        if !self.reported.must_log(request_id) {
            return;
        }
        let (status, code, variant) = (self.kind.status().as_u16(), self.kind.code(), self.variant);
        let cause = self.cause();
        let (kind, query) = (cause.map(|cause| &*cause.kind), cause.and_then(|cause| cause.query.as_deref()));
        let constraint = cause.and_then(|cause| cause.constraint.as_deref());
        if self.is_fault() {
            let (detail, error) = (self.detail.as_deref(), self.source().map(|error| display(chain(error))));
            tracing::error!(
                target: TARGET,
                status,
                code,
                problem.variant = variant,
                request_id,
                detail,
                kind,
                constraint,
                db.query.summary = query,
                error,
                "request failed"
            );
        } else {
            tracing::debug!(
                target: TARGET,
                status,
                code,
                problem.variant = variant,
                request_id,
                detail = self.detail.as_deref().filter(|_| self.is_own_detail),
                kind,
                constraint,
                db.query.summary = query,
                error = cause.map(|cause| display(&*cause.why)),
                "request refused"
            );
        }
    }
}

/// A problem that no layer handled renders and reports itself when its body is sent.
impl Lazy for Inner {
    fn size(&self) -> usize {
        self.rendered.lock().get_or_insert_with(|| self.render()).len()
    }

    fn send(&self) -> Bytes {
        self.report(None);
        // Moved out, not cloned: a first clone of `Bytes` allocates.
        let rendered = self.rendered.lock().take();
        rendered.unwrap_or_else(|| self.render())
    }
}

/// Reports a problem whose body was never polled: the request was a HEAD, the client left, or the response was
/// replaced.
impl Drop for Inner {
    fn drop(&mut self) {
        if self.reported.is_pending() {
            self.report(None);
        }
    }
}
