use http::response::Parts;

use crate::problem::Problem;

/// Whether what a request did is kept, by what it is answered with.
///
/// A closure is a policy, too: `|response: &Parts| response.status.is_success()`. It is asked once, for requests that
/// asked for their transaction, before anything of the response has left.
pub trait CommitPolicy: Send + Sync + 'static {
    /// Whether to commit.
    fn commits(&self, response: &Parts) -> bool;
}

impl<F: Fn(&Parts) -> bool + Send + Sync + 'static> CommitPolicy for F {
    fn commits(&self, response: &Parts) -> bool {
        self(response)
    }
}

/// The default: what succeeded is kept. A status of 400 or more is no success, and neither is a [`Problem`] under
/// whatever status: that is what the client will be told.
#[derive(Debug, Clone, Copy, Default)]
#[non_exhaustive]
pub struct CommitOnSuccess;

impl CommitPolicy for CommitOnSuccess {
    fn commits(&self, response: &Parts) -> bool {
        response.status.as_u16() < 400 && response.extensions.get::<Problem>().is_none()
    }
}
