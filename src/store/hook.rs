use std::fmt;
use std::future::Future;
use std::sync::Arc;

use tokio::sync::Notify;

use super::unit::BoxFuture;
use super::{Error, ErrorKind};
use crate::body::BoxError;
use crate::task::{Expected, Panicked, Tracker, contained};
use crate::telemetry::targets::STORE;

/// The after-commit hooks, in the order in which they were registered.
#[derive(Default)]
pub(crate) struct Hooks {
    /// Each with the depth of nesting at which it was registered.
    registered: Vec<(u32, Hook)>,
    /// Set from the first hook that runs code, and not for wake-ups: a closing store waits for the hooks, even if they
    /// have yet to begin.
    expected: Option<Expected>,
}

enum Hook {
    Run(Box<dyn FnOnce() -> BoxFuture<'static, Result<(), BoxError>> + Send>),
    Wake(Arc<Notify>),
}

/// The name of hooks among the background work of a store.
const HOOKS: &str = "after-commit hooks";

/// The most hooks in one transaction.
pub(crate) const MOST_HOOKS: usize = 10_000;

impl Hooks {
    /// Adds a hook that was registered at a depth of nesting; it is counted among the store's background work.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::PoolClosed`] if the store is closed, [`ErrorKind::Unsupported`] if there are too many.
    pub(crate) fn push<F, Fut, E>(&mut self, depth: u32, tasks: &Tracker, hook: F) -> Result<(), Error>
    where
        F: FnOnce() -> Fut + Send + 'static,
        Fut: Future<Output = Result<(), E>> + Send + 'static,
        E: Into<BoxError>,
    {
        if self.registered.len() >= MOST_HOOKS {
            return Err(
                Error::new(ErrorKind::Unsupported).because("a transaction has room for 10,000 after-commit hooks")
            );
        }
        if self.expected.is_none() {
            self.expected = Some(tasks.expect(HOOKS).ok_or_else(|| Error::new(ErrorKind::PoolClosed))?);
        }
        self.registered.push((depth, Hook::Run(Box::new(|| Box::pin(async { hook().await.map_err(Into::into) })))));
        Ok(())
    }

    /// Adds the wake-up of a task. The task is woken once, however often this is called.
    pub(crate) fn wake(&mut self, depth: u32, task: &Arc<Notify>) {
        let depth_before = self.registered.iter_mut().rev().find_map(|(depth, hook)| match hook {
            Hook::Wake(other) if Arc::ptr_eq(other, task) => Some(depth),
            _ => None,
        });
        match depth_before {
            // A transaction around this one asked for the wake-up, so it happens whatever becomes of this one.
            Some(before) if *before <= depth => {}
            _ => self.registered.push((depth, Hook::Wake(Arc::clone(task)))),
        }
    }

    /// Drops the hooks of a nested transaction that was rolled back.
    pub(crate) fn discard(&mut self, depth: u32) {
        self.registered.retain(|(registered, _)| *registered < depth);
        if !self.registered.iter().any(|(_, hook)| matches!(hook, Hook::Run(_))) {
            self.expected = None;
        }
    }

    /// Hands the hooks of a nested transaction that was kept to the one around it.
    pub(crate) fn raise(&mut self, depth: u32) {
        self.registered.iter_mut().for_each(|(registered, _)| *registered = (*registered).min(depth - 1));
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.registered.is_empty()
    }

    /// Runs all hooks, one after the other, in one task of their own: a caller that leaves does not stop them half-way.
    /// Wake-ups alone are done at once, without a task.
    pub(crate) fn run(self) -> impl Future<Output = ()> + Send {
        let Self { registered, expected } = self;
        let task = match expected.and_then(Expected::begin) {
            Some(running) => Some(running.spawn(run_all(registered))),
            None => {
                registered.into_iter().for_each(|(_, hook)| hook.wake());
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
        if let Self::Wake(task) = self {
            task.notify_one();
        }
    }
}

/// The transaction is committed whatever the hooks do: a failure or a panic is logged.
async fn run_all(registered: Vec<(u32, Hook)>) {
    for (_, hook) in registered {
        let Hook::Run(hook) = hook else {
            hook.wake();
            continue;
        };
        match contained(hook()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::error!(target: STORE, error = &*error, "an after-commit hook failed"),
            Err(Panicked) => tracing::error!(target: STORE, "an after-commit hook panicked"),
        }
    }
}

impl fmt::Debug for Hooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hooks({})", self.registered.len())
    }
}
