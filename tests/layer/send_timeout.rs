use std::convert::Infallible;
use std::time::Duration;

use buttress::layer::send_timeout::{Chunk, Outgoing, SendTimeoutBody};
use buttress::layer::{RequestIdLayer, SendTimeoutLayer, TraceLayer};
use bytes::{Buf, Bytes};
use futures_util::FutureExt;
use http::{HeaderMap, Request, Response};
use http_body::{Body, Frame};
use http_body_util::channel::Channel;
use http_body_util::{BodyExt, Full};
use tokio::time::{Instant, sleep, timeout};
use tower::{Layer, ServiceExt, service_fn};

use crate::support::{Frames, Log, Stuck};

const LIMIT: Duration = Duration::from_secs(10);
/// The latest time at which a stall is noticed.
const NOTICED: Duration = Duration::from_secs(15);

/// The response to a request over a connection.
async fn respond<B: Body>(outgoing: &Outgoing, body: B) -> SendTimeoutBody<B> {
    let body = std::cell::Cell::new(Some(body));
    let handler = service_fn(|_| std::future::ready(Ok::<_, Infallible>(Response::new(body.take().unwrap()))));
    outgoing.layer(handler).oneshot(Request::new(())).await.unwrap().into_body()
}

/// The content that a server takes in order to send it.
async fn content<B: Body + Unpin>(body: &mut SendTimeoutBody<B>) -> Chunk<B::Data> {
    body.frame().await.unwrap().ok().unwrap().into_data().ok().unwrap()
}

fn full(bytes: usize) -> Full<Bytes> {
    Full::new(Bytes::from(vec![b'x'; bytes]))
}

async fn is_stalled(outgoing: &Outgoing) -> bool {
    timeout(NOTICED, outgoing.stalled()).await.is_ok()
}

#[tokio::test(start_paused = true)]
async fn content_that_is_not_taken_stalls_within_the_limit_and_a_half() {
    let outgoing = SendTimeoutLayer::new(LIMIT).connection();
    let mut body = respond(&outgoing, full(1)).await;
    let chunk = content(&mut body).await;
    // The server has finished with the body, but still holds its content.
    drop(body);
    let begin = Instant::now();
    outgoing.stalled().await;
    assert!((LIMIT..=NOTICED).contains(&begin.elapsed()), "{:?}", begin.elapsed());
    assert_eq!(outgoing.in_flight(), 1);
    outgoing.only_stalled().await;
    drop(chunk);
    assert_eq!(outgoing.in_flight(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_client_that_takes_enough_is_never_cut_and_one_that_drips_is() {
    for (bytes_per_second, stalls) in [(1, true), (239, true), (241, false), (4_096, false)] {
        let outgoing = SendTimeoutLayer::new(LIMIT).connection();
        let mut body = respond(&outgoing, full(bytes_per_second * 120)).await;
        let mut chunk = content(&mut body).await;
        let client = async {
            while chunk.has_remaining() {
                sleep(Duration::from_secs(1)).await;
                chunk.advance(bytes_per_second);
            }
        };
        tokio::select! {
            () = client => assert!(!stalls, "{bytes_per_second} bytes a second were enough"),
            () = outgoing.stalled() => assert!(stalls, "{bytes_per_second} bytes a second were not enough"),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn with_a_rate_of_0_a_byte_in_each_period_will_do() {
    let outgoing = SendTimeoutLayer::new(LIMIT).min_rate(0).connection();
    let mut body = respond(&outgoing, full(30)).await;
    let mut chunk = content(&mut body).await;
    let mut stalled = std::pin::pin!(outgoing.stalled());
    while chunk.remaining() > 1 {
        assert!(timeout(Duration::from_secs(8), &mut stalled).await.is_err());
        chunk.advance(1);
    }
    assert!(timeout(NOTICED, stalled).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_has_nothing_to_say_is_not_stalled() {
    let outgoing = SendTimeoutLayer::new(LIMIT).connection();
    let (mut events, channel) = Channel::<Bytes, Infallible>::new(1);
    let mut body = respond(&outgoing, channel).await;
    let mut stalled = std::pin::pin!(outgoing.stalled());
    for _ in 0..20 {
        events.send_data(Bytes::from_static(b"data: 1\n\n")).await.unwrap();
        drop(content(&mut body).await.copy_to_bytes(9));
        assert!(timeout(Duration::from_secs(60), &mut stalled).await.is_err());
    }
    // Events that come faster than the period, and are taken one by one, are not a stall either.
    for _ in 0..100 {
        events.send_data(Bytes::from_static(b"data: 1\n\n")).await.unwrap();
        let mut event = content(&mut body).await;
        assert!(timeout(Duration::from_secs(3), &mut stalled).await.is_err());
        event.advance(9);
    }
    assert_eq!(outgoing.in_flight(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_handler_that_is_slow_is_not_the_clients_fault() {
    let outgoing = SendTimeoutLayer::new(LIMIT).connection();
    let handler = service_fn(|_| std::future::pending::<Result<Response<Full<Bytes>>, Infallible>>());
    let request = tokio::spawn(outgoing.layer(handler).oneshot(Request::new(())));
    let body = respond(&outgoing, Stuck).await;
    assert!(!is_stalled(&outgoing).await);
    assert_eq!(outgoing.in_flight(), 2);
    request.abort();
    assert!(request.await.unwrap_err().is_cancelled());
    drop(body);
    assert_eq!(outgoing.in_flight(), 0);
}

#[tokio::test(start_paused = true)]
async fn only_stalled_waits_for_the_others() {
    let outgoing = SendTimeoutLayer::new(LIMIT).connection();
    let mut stuck = respond(&outgoing, full(1)).await;
    let mut other = respond(&outgoing, full(60_000)).await;
    let (_untaken, mut taken) = (content(&mut stuck).await, content(&mut other).await);
    let mut only_stalled = std::pin::pin!(outgoing.only_stalled());
    for _ in 0..60 {
        assert!(timeout(Duration::from_secs(1), &mut only_stalled).await.is_err());
        taken.advance(1_000);
    }
    drop((taken, other));
    only_stalled.await;
}

#[tokio::test(start_paused = true)]
async fn a_connection_is_idle_when_nothing_is_in_flight_for_a_time() {
    let outgoing = SendTimeoutLayer::new(LIMIT).connection();
    let begin = Instant::now();
    outgoing.idle(LIMIT).await;
    assert_eq!(begin.elapsed(), LIMIT, "a new connection is idle from its start");
    let body = respond(&outgoing, Stuck).await;
    assert!(timeout(4 * LIMIT, outgoing.idle(LIMIT)).await.is_err());
    drop(body);
    assert!(timeout(LIMIT / 2, outgoing.idle(LIMIT)).await.is_err(), "it has only just become idle");
    outgoing.idle(LIMIT).await;
    assert!(outgoing.idle(Duration::MAX).now_or_never().is_none());
}

#[tokio::test]
async fn content_trailers_errors_and_sizes_pass_as_they_are() {
    let outgoing = SendTimeoutLayer::new(LIMIT).connection();
    let body = respond(&outgoing, full(3)).await;
    assert_eq!((body.size_hint().exact(), body.is_end_stream()), (Some(3), false));
    assert_eq!(body.collect().await.unwrap().to_bytes(), "xxx");

    let trailers = HeaderMap::from_iter([(http::header::ETAG, "x".parse().unwrap())]);
    let with_trailers = full(3).with_trailers(std::future::ready(Some(Ok(trailers.clone()))));
    let collected = respond(&outgoing, with_trailers).await.collect().await.unwrap();
    assert_eq!(collected.trailers(), Some(&trailers));
    drop(collected);

    let mut failing = respond(&outgoing, Frames::new([Ok("a"), Err(std::io::Error::other("late"))])).await;
    assert_eq!(content(&mut failing).await.copy_to_bytes(1), "a");
    assert_eq!(failing.frame().await.unwrap().unwrap_err().to_string(), "late");
    drop(failing);
    assert_eq!(outgoing.in_flight(), 0);

    let nothing = SendTimeoutBody::<Full<Bytes>>::default();
    assert!(nothing.is_end_stream());
    let frame: Frame<Chunk<Bytes>> = Frame::trailers(trailers);
    assert!(frame.is_trailers());
}

#[tokio::test(start_paused = true)]
async fn the_log_names_the_request_once() {
    let log = Log::capture();
    let outgoing = SendTimeoutLayer::new(LIMIT).connection();
    let inner = service_fn(async |_| Ok::<_, Infallible>(Response::new(full(10))));
    let service = outgoing.layer(RequestIdLayer::new().layer(TraceLayer::new().layer(inner)));
    let request = Request::builder().header("x-request-id", "r-1").body(()).unwrap();
    let mut body = service.oneshot(request).await.unwrap().into_body();
    let mut chunk = body.frame().await.unwrap().unwrap().into_data().ok().unwrap();
    chunk.advance(4);
    outgoing.stalled().await;
    outgoing.only_stalled().await;
    drop((body, chunk));
    let text = log.text();
    let lines: Vec<_> = text.lines().filter(|line| line.contains("WARN")).collect();
    assert_eq!(lines.len(), 1, "{text}");
    assert!(lines[0].contains(r#"response was not taken in time request_id="r-1" sent=4"#), "{text}");
}
