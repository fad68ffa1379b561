use std::future::Future;

use tokio::runtime::Handle;

use super::interrupt::Interrupt;
use crate::task::Tracker;

/// The name of this work among the background work of a store.
const CLEANUPS: &str = "connections being reset";

/// How to get rid of a connection that cannot go back to its pool as it is.
pub struct Cleanup {
    /// Set if the connection was left in the middle of something.
    pub(in crate::sql) interrupt: Option<Interrupt>,
    /// A statement that runs before the connection is used again.
    pub(in crate::sql) finally: Option<&'static str>,
    pub(in crate::sql) tasks: Option<Tracker>,
}

/// Works on a connection in the background, in no request's span. The store's close waits for it.
pub(in crate::sql) fn spawn(
    runtime: &Handle,
    tasks: Option<&Tracker>,
    work: impl Future<Output = ()> + Send + 'static,
) {
    let running = tasks.map(|tasks| tasks.begin_in_any_case(CLEANUPS));
    runtime.spawn(async move {
        work.await;
        drop(running);
    });
}
