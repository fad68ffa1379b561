//! What the clones of a problem share, and what becomes of it in the end: it is sent, and the log is told.

use std::borrow::Cow;
use std::error::Error;
use std::sync::Arc;

use bytes::Bytes;
use http::HeaderMap;
use serde_json::Value;

use super::report::{Cause, Chain, Rendered, Reported};
use super::{Occurrence, ProblemType};
use crate::body::Lazy;
use crate::violation::Violations;

#[derive(Clone)]
pub(super) struct Inner {
    pub(super) kind: ProblemType,
    pub(super) detail: Option<Cow<'static, str>>,
    pub(super) violations: Violations,
    pub(super) members: Vec<(&'static str, Value)>,
    pub(super) headers: HeaderMap,
    pub(super) source: Option<Arc<dyn Error + Send + Sync>>,
    /// What the source tells the log, if it does not say so itself.
    pub(super) cause: Option<Arc<Cause>>,
    pub(super) rendered: Rendered,
    pub(super) reported: Reported,
}

impl Inner {
    pub(super) fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as &(dyn Error + 'static))
    }

    pub(super) fn render(&self) -> Bytes {
        Occurrence::of(self).render(&super::envelope::Rfc9457)
    }

    pub(super) fn report(&self, request_id: Option<&str>) {
        if !self.reported.is_news(request_id) {
            return;
        }
        let (status, code) = (self.kind.status().as_u16(), self.kind.code());
        let cause = self.cause.as_deref().or_else(|| self.source().and_then(Cause::of));
        let (kind, query) = (cause.map(|cause| &*cause.kind), cause.and_then(|cause| cause.query.as_deref()));
        let constraint = cause.and_then(|cause| cause.constraint.as_deref());
        if self.kind.status().is_server_error() {
            let (detail, error) = (self.detail.as_deref(), Chain(self.source()));
            tracing::error!(
                status,
                code,
                request_id,
                detail,
                kind,
                constraint,
                db.query.summary = query,
                %error,
                "request failed"
            );
        } else {
            tracing::debug!(status, code, request_id, kind, constraint, db.query.summary = query, "request refused");
        }
    }
}

/// A problem that no layer took renders and reports itself when its body is sent.
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

/// Nobody asked for the body: of HEAD, of a client that left, of an answer that was replaced.
impl Drop for Inner {
    fn drop(&mut self) {
        if self.reported.is_owed() {
            self.report(None);
        }
    }
}
