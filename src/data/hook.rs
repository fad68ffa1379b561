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

    /// Runs them all in a task of their own, so that a caller that leaves does not stop them half-way. Whatever they
    /// do, the transaction is committed: a failure, or a panic, is logged.
    pub(crate) async fn run(self) {
        if self.0.is_empty() {
            return;
        }
        for (_, hook) in self.0 {
            let outcome = tokio::spawn(async move { hook().await }).await;
            match outcome {
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
