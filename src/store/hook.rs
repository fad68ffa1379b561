use std::fmt;
use std::future::Future;
use std::sync::Arc;

use tokio::sync::Notify;
use tracing::Instrument as _;

use super::detach::{Detached, Expected};
use super::unit::BoxFuture;
use super::{Error, ErrorKind};
use crate::body::BoxError;

/// The after-commit hooks, in the order in which they were registered.
#[derive(Default)]
pub(crate) struct Hooks {
    asked: Vec<(u32, Hook)>,
    /// Set from the first hook that takes time: a closing store waits for the hooks, even if they have yet to begin.
    expected: Option<Expected>,
}

enum Hook {
    Run(Box<dyn FnOnce() -> BoxFuture<'static, Result<(), BoxError>> + Send>),
    Wake(Arc<Notify>),
}

/// The most hooks in one transaction.
pub(crate) const MOST_HOOKS: usize = 10_000;

impl Hooks {
    /// Adds a hook that was registered at a depth of nesting; it is counted among the store's detached work.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::PoolClosed`] if the store is closed, [`ErrorKind::Unsupported`] if there are too many.
    pub(crate) fn push<F, Fut, E>(&mut self, depth: u32, detached: &Detached, hook: F) -> Result<(), Error>
    where
        F: FnOnce() -> Fut + Send + 'static,
        Fut: Future<Output = Result<(), E>> + Send + 'static,
        E: Into<BoxError>,
    {
        if self.asked.len() >= MOST_HOOKS {
            return Err(
                Error::new(ErrorKind::Unsupported).because("a transaction has room for 10,000 after-commit hooks")
            );
        }
        if self.expected.is_none() {
            self.expected = Some(detached.expect().ok_or_else(|| Error::new(ErrorKind::PoolClosed))?);
        }
        self.asked.push((depth, Hook::Run(Box::new(|| Box::pin(async { hook().await.map_err(Into::into) })))));
        Ok(())
    }

    /// Adds the wake-up of a task. The task is woken once, however often this is called.
    pub(crate) fn wake(&mut self, depth: u32, whom: &Arc<Notify>) {
        let asked = self.asked.iter_mut().rev().find_map(|(asked, hook)| match hook {
            Hook::Wake(other) if Arc::ptr_eq(other, whom) => Some(asked),
            _ => None,
        });
        match asked {
            // A transaction around this one asked for the wake-up, so it happens whatever becomes of this one.
            Some(asked) if *asked <= depth => {}
            _ => self.asked.push((depth, Hook::Wake(Arc::clone(whom)))),
        }
    }

    /// Drops the hooks of a nested transaction that was rolled back.
    pub(crate) fn discard(&mut self, depth: u32) {
        self.asked.retain(|(asked, _)| *asked < depth);
        if !self.asked.iter().any(|(_, hook)| matches!(hook, Hook::Run(_))) {
            self.expected = None;
        }
    }

    /// Hands the hooks of a nested transaction that was kept to the one around it.
    pub(crate) fn raise(&mut self, depth: u32) {
        self.asked.iter_mut().for_each(|(asked, _)| *asked = (*asked).min(depth - 1));
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.asked.is_empty()
    }

    /// Runs all hooks, one after the other, in a task of their own: a caller that leaves does not stop them half-way.
    /// Wake-ups alone are done at once, without a task.
    pub(crate) fn run(self) -> impl Future<Output = ()> + Send {
        let Self { asked, expected } = self;
        let task = match expected.and_then(Expected::begin) {
            Some(one) => Some(one.run(run_all(asked))),
            None => {
                asked.into_iter().for_each(|(_, hook)| hook.wake());
                None
            }
        };
        async {
            if let Some(task) = task {
                let _ = task.await;
            }
        }
    }
}

impl Hook {
    fn wake(self) {
        if let Self::Wake(whom) = self {
            whom.notify_one();
        }
    }
}

/// The transaction is committed whatever the hooks do: a failure or a panic is logged.
async fn run_all(asked: Vec<(u32, Hook)>) {
    for (_, hook) in asked {
        let Hook::Run(hook) = hook else {
            hook.wake();
            continue;
        };
        // Each hook runs in a task of its own, so that a panic in one does not stop the others.
        match tokio::spawn(async { hook().await }.in_current_span()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::error!(error = &*error, "an after-commit hook failed"),
            Err(_) => tracing::error!("an after-commit hook panicked"),
        }
    }
}

impl fmt::Debug for Hooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hooks({})", self.asked.len())
    }
}
