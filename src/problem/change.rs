//! Gives a problem another type or status, as an existing contract may demand.

use super::{ErrorStatus, Problem, ProblemType};

impl Problem {
    /// Gives the problem another type: its status, code and title. The details of this occurrence stay, and so do its
    /// headers, except for one that only the old status demanded; a header that the new status demands is added.
    ///
    /// A server error stays a server error under a 4xx status: its details stay hidden, and it is logged as an error.
    ///
    /// ```
    /// use buttress::Problem;
    /// use buttress::problem::{ErrorStatus, ProblemType, catalogue};
    ///
    /// const UNREADABLE: ProblemType =
    ///     ProblemType::new(ErrorStatus::UNPROCESSABLE_ENTITY, "unreadable-body", "The body cannot be read");
    ///
    /// let problem = Problem::of(catalogue::MALFORMED_BODY).with_kind(UNREADABLE);
    /// assert_eq!((problem.status().as_u16(), problem.code()), (422, "unreadable-body"));
    /// // A 401 always has a challenge.
    /// assert!(problem.with_kind(catalogue::UNAUTHORIZED).headers().contains_key("www-authenticate"));
    /// ```
    #[must_use]
    pub fn with_kind(mut self, kind: ProblemType) -> Self {
        let inner = self.inner_mut();
        inner.was_fault = inner.is_fault();
        let (old, new) = (inner.kind.mandatory_header(), kind.mandatory_header());
        if let Some((name, _)) = old
            && new.as_ref().is_none_or(|(kept, _)| *kept != name)
        {
            inner.headers.remove(name);
        }
        if let Some((name, value)) = new {
            inner.headers.entry(name).or_insert(value);
        }
        inner.kind = kind;
        self
    }

    /// Gives the problem another status and keeps its code and title; otherwise like [`with_kind`](Self::with_kind).
    ///
    /// ```
    /// use buttress::Problem;
    /// use buttress::problem::{ErrorStatus, catalogue};
    ///
    /// let problem = Problem::of(catalogue::UNSUPPORTED_MEDIA_TYPE).with_status(ErrorStatus::UNPROCESSABLE_ENTITY);
    /// assert_eq!((problem.status().as_u16(), problem.code()), (422, "unsupported-media-type"));
    /// ```
    #[must_use]
    pub fn with_status(self, status: ErrorStatus) -> Self {
        let kind = self.kind().with_status(status.get());
        self.with_kind(kind)
    }
}
