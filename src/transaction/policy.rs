use http::response::Parts;

use crate::problem::Problem;

/// Decides by a request's response whether its work is kept.
///
/// A closure is a policy, too: `|response: &Parts| response.status.is_success()`. The policy is asked once for each
/// request that asked for its transaction, before any part of the response has left.
pub trait CommitPolicy: Send + Sync + 'static {
    /// Whether to commit.
    fn commits(&self, response: &Parts) -> bool;
}

impl<F: Fn(&Parts) -> bool + Send + Sync + 'static> CommitPolicy for F {
    fn commits(&self, response: &Parts) -> bool {
        self(response)
    }
}

/// The default: keeps the work of requests that succeeded. A status of 400 or more is not a success, and neither is a
/// [`Problem`] under any status, since the client will be told of the problem.
#[derive(Debug, Clone, Copy, Default)]
#[non_exhaustive]
pub struct CommitOnSuccess;

impl CommitPolicy for CommitOnSuccess {
    fn commits(&self, response: &Parts) -> bool {
        response.status.as_u16() < 400 && response.extensions.get::<Problem>().is_none()
    }
}
