use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

/// A piece of work panicked.
#[derive(Debug)]
pub(crate) struct Panicked;

/// Runs boxed work in the current task. A panic ends only this work.
pub(crate) fn contained<T>(work: Pin<Box<dyn Future<Output = T> + Send>>) -> impl Future<Output = Result<T, Panicked>> {
    Contained(Some(work))
}

struct Contained<T>(Option<Pin<Box<dyn Future<Output = T> + Send>>>);

impl<T> Future for Contained<T> {
    type Output = Result<T, Panicked>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Some(work) = &mut self.0 else { return Poll::Pending };
        // The work is dropped after a panic and never polled again, so no code sees its half-changed state.
        let polled = catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(cx)));
        let ended = match polled {
            Ok(polled) => Ok(ready!(polled)),
            Err(payload) => {
                drop_quietly(payload);
                Err(Panicked)
            }
        };
        drop_quietly(self.0.take());
        Poll::Ready(ended)
    }
}

/// A panic while unfinished work is dropped is caught, too.
impl<T> Drop for Contained<T> {
    fn drop(&mut self) {
        drop_quietly(self.0.take());
    }
}

/// Drops a value. If its `Drop` panics, the rest of the task continues.
fn drop_quietly<T>(value: T) {
    let _ = catch_unwind(AssertUnwindSafe(|| drop(value)));
}
