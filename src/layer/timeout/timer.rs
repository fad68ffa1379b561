use std::future::Future;
use std::pin::Pin;
use std::task::Context;
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep};

/// Whether the time is up. The timer is armed when a handler turns out not to be ready at once.
pub(crate) fn is_up(mut timer: Pin<&mut Option<Sleep>>, limit: Duration, cx: &mut Context<'_>) -> bool {
    if timer.is_none() {
        timer.set(Some(sleep(limit)));
    }
    let Some(mut timer) = timer.as_pin_mut() else { return false };
    // A handler that always has more to do uses up the task's budget, and then no timer of Tokio ever reports that it
    // is ready. Such a handler must not escape the limit, so this also looks at the clock.
    timer.as_mut().poll(cx).is_ready() || timer.deadline() <= Instant::now()
}
