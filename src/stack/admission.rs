use std::sync::Arc;
use std::task::Poll;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tower::load_shed::error::Overloaded;

use crate::body::BoxError;
use crate::layer::catch_panic::Panicked;
use crate::layer::catch_panic::guard::Guard;

/// The outcome of `poll_ready`, kept until the request that it was for arrives.
#[derive(Debug)]
pub(super) struct Admission {
    refused: Option<Refused>,
    permit: Option<OwnedSemaphorePermit>,
    is_ready: bool,
}

/// Why a request does not reach its handler.
#[derive(Debug)]
pub(super) enum Refused {
    /// The service failed, or too many requests are running.
    Error(BoxError),
    /// The service panicked.
    Panicked(Panicked),
}

impl Admission {
    pub(super) const fn new() -> Self {
        Self { refused: None, permit: None, is_ready: false }
    }

    /// Polls the service. Under a limit no request waits: one that finds the service not ready is refused.
    pub(super) fn poll<E: Into<BoxError>>(
        &mut self,
        limit: Option<&Arc<Semaphore>>,
        guard: Guard,
        service: impl FnOnce() -> Poll<Result<(), E>>,
    ) -> Poll<()> {
        self.refused = None;
        self.is_ready = false;
        if let Some(limit) = limit {
            let free = || Arc::clone(limit).try_acquire_owned().ok();
            self.permit = self.permit.take().or_else(free);
            if self.permit.is_none() {
                return Poll::Ready(());
            }
        }
        match guard.run(service) {
            Ok(Poll::Pending) if limit.is_none() => return Poll::Pending,
            Ok(Poll::Pending) => {}
            Ok(Poll::Ready(Ok(()))) => self.is_ready = true,
            Ok(Poll::Ready(Err(error))) => self.refused = Some(Refused::Error(error.into())),
            Err(panicked) => self.refused = Some(Refused::Panicked(panicked)),
        }
        Poll::Ready(())
    }

    /// Admits one request.
    pub(super) fn take(&mut self, is_limited: bool) -> Result<Option<OwnedSemaphorePermit>, Refused> {
        let is_ready = std::mem::take(&mut self.is_ready);
        match self.refused.take() {
            Some(refused) => Err(refused),
            None if is_limited && !is_ready => Err(Refused::Error(Overloaded::new().into())),
            None => Ok(self.permit.take()),
        }
    }
}
