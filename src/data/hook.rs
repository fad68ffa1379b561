use std::fmt;
use std::future::Future;

use super::unit::BoxFuture;
use crate::body::BoxError;

/// What is to be done after the commit, in the order in which it was asked for.
#[derive(Default)]
pub(crate) struct Hooks(Vec<(u32, Hook)>);

type Hook = Box<dyn FnOnce() -> BoxFuture<'static, Result<(), BoxError>> + Send>;

impl Hooks {
    /// Adds one, asked for at a depth of nesting.
    pub(crate) fn push<F, Fut, E>(&mut self, depth: u32, hook: F)
    where
        F: FnOnce() -> Fut + Send + 'static,
        Fut: Future<Output = Result<(), E>> + Send + 'static,
        E: Into<BoxError>,
    {
        self.0.push((depth, Box::new(|| Box::pin(async { hook().await.map_err(Into::into) }))));
    }

    /// A nested transaction was rolled back: what it asked for is not done.
    pub(crate) fn discard(&mut self, depth: u32) {
        self.0.retain(|(asked, _)| *asked < depth);
    }

    /// A nested transaction was kept: what it asked for is now asked for by the one around it.
    pub(crate) fn raise(&mut self, depth: u32) {
        self.0.iter_mut().for_each(|(asked, _)| *asked = (*asked).min(depth - 1));
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Runs them all, one after the other, in a task of their own: a caller that leaves does not stop them half-way.
    pub(crate) async fn run(self) {
        let _ = tokio::spawn(self.run_all()).await;
    }

    /// Whatever they do, the transaction is committed: a failure, or a panic, is logged.
    async fn run_all(self) {
        for (_, hook) in self.0 {
            // A task for each, so that one that panics does not take the others with it.
            match tokio::spawn(async { hook().await }).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => tracing::error!(error = &*error, "an after-commit hook failed"),
                Err(_) => tracing::error!("an after-commit hook panicked"),
            }
        }
    }
}

impl fmt::Debug for Hooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hooks({})", self.0.len())
    }
}
