//! Permits are returned when the handler is done, dropped, or has panicked.

use std::future::Future;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use http::{Request, Response};
use tower::Service;

use crate::run::{PATIENT, same};
use crate::script::{Act, Pieces, Script};
use crate::setting::{Boxed, BoxedBody, Setting};

fn answer(act: Act, waits: usize) -> Script {
    Script { waits, ..Script::new(act) }
}

fn ok() -> Act {
    Act::Answer { status: 200, headers: Vec::new(), body: Pieces::default().sized(), route: false }
}

fn start(
    service: &Boxed,
) -> impl Future<Output = Result<Response<BoxedBody>, std::convert::Infallible>> + Unpin + use<> {
    let mut service = service.clone();
    assert!(service.poll_ready(&mut Context::from_waker(Waker::noop())).is_ready());
    Box::pin(service.call(Request::new(Pieces::default().sized())))
}

fn status(
    future: &mut (impl Future<Output = Result<Response<BoxedBody>, std::convert::Infallible>> + Unpin),
) -> Option<u16> {
    match std::pin::Pin::new(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(Ok(response)) => Some(response.status().as_u16()),
        Poll::Pending => None,
    }
}

#[tokio::test(start_paused = true)]
async fn a_permit_is_held_until_the_response() {
    let setting = Setting { concurrency: Some(1), ..Setting::default() };
    for service in [setting.fused(answer(ok(), 1)), setting.by_hand(answer(ok(), 1))] {
        let mut first = start(&service);
        let mut second = start(&service);
        assert_eq!((status(&mut first), status(&mut second)), (None, Some(503)));
        assert_eq!(status(&mut first), Some(200));
        // The response has been returned, but the future still holds the handler's resources.
        assert_eq!(status(&mut start(&service)), Some(503));
        drop((first, second));
        let third = start(&service);
        assert_eq!(status(&mut start(&service)), Some(503));
        drop(third);
        assert_eq!(status(&mut start(&service)), None);
    }
}

#[tokio::test(start_paused = true)]
async fn a_panic_gives_its_permit_back() {
    let setting = Setting { concurrency: Some(1), ..Setting::default() };
    for act in [Act::PanicInCall, Act::PanicInPoll] {
        for service in [setting.fused(answer(act.clone(), 0)), setting.by_hand(answer(act.clone(), 0))] {
            let mut panicked = start(&service);
            assert_eq!(status(&mut panicked), Some(500));
            assert_eq!(status(&mut start(&service)), Some(500), "while the future is still there");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn overload_is_a_problem() {
    let setting = Setting { concurrency: Some(0), ..Setting::default() };
    let seen = same(&setting, &answer(ok(), 0), &Request::new(Pieces::default()), PATIENT).await;
    assert!(seen.contains("503") && seen.contains("overloaded") && seen.contains("retry-after: 1"), "{seen}");
}

#[tokio::test(start_paused = true)]
async fn to_ask_twice_takes_one_permit() {
    let setting = Setting { concurrency: Some(1), ..Setting::default() };
    for mut service in [setting.fused(answer(ok(), 0)), setting.by_hand(answer(ok(), 0))] {
        for _ in 0..2 {
            assert!(service.poll_ready(&mut Context::from_waker(Waker::noop())).is_ready());
        }
        assert_eq!(status(&mut service.call(Request::new(Pieces::default().sized()))), Some(200));
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_handler_holds_goes_before_the_answer_to_its_panic() {
    for fused in [true, false] {
        let held = Arc::new(());
        let script = answer(Act::PanicHolding(Arc::clone(&held)), 0);
        let setting = Setting::default();
        let service = if fused { setting.fused(script) } else { setting.by_hand(script) };
        let mut future = start(&service);
        let running = Arc::strong_count(&held);
        assert_eq!(status(&mut future), Some(500));
        assert_eq!(Arc::strong_count(&held), running - 1);
    }
}
