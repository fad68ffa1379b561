use std::pin::pin;

use axum::Router;
use buttress::layer::SendTimeout;
use buttress::layer::send_timeout::Outgoing;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::sleep;
use tower::Layer;

use super::limits::{
    CLOSE_TIMEOUT, IDLE_TIMEOUT, IDLE_TIMEOUT_WHEN_FULL, MAX_HEADERS, MAX_RESETS, MAX_SEND_BUFFER, MAX_STREAMS,
    PING_INTERVAL, SEND_TIMEOUT,
};

/// What all connections are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    Open,
    /// Others wait to be accepted.
    Full,
    Stopping,
}

/// Why a connection is to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Idle,
    Stalled,
    Stopping,
}

/// Serves a connection until its client is done with it, or it has to end.
pub async fn serve(stream: TcpStream, app: Router, mut state: watch::Receiver<State>) {
    // An answer is one write; waiting for more to send only delays it.
    let _ = stream.set_nodelay(true);
    let outgoing = SendTimeout::new(SEND_TIMEOUT).connection();
    let service = TowerToHyperService::new(outgoing.layer(app));
    let builder = builder();
    let mut connection = pin!(builder.serve_connection(TokioIo::new(stream), service));
    let end = tokio::select! {
        outcome = connection.as_mut() => return report(outcome),
        end = end(&outgoing, &mut state) => end,
    };
    // HTTP/2 says GOAWAY. What is in flight goes on, and nothing else begins.
    connection.as_mut().graceful_shutdown();
    tokio::select! {
        outcome = connection => report(outcome),
        () = cut(&outgoing, end) => tracing::debug!(?end, "a connection was cut"),
    }
}

fn builder() -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    // Without a timer, hyper leaves the timeouts out.
    builder.http1().timer(TokioTimer::new()).header_read_timeout(IDLE_TIMEOUT);
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(PING_INTERVAL)
        .keep_alive_timeout(PING_INTERVAL)
        .max_concurrent_streams(MAX_STREAMS)
        .max_header_list_size(MAX_HEADERS)
        .max_send_buf_size(MAX_SEND_BUFFER)
        .max_pending_accept_reset_streams(MAX_RESETS);
    builder
}

/// Waits until the connection has to end. This also holds while the server cannot tell HTTP/1.1 from HTTP/2 yet.
async fn end(outgoing: &Outgoing, state: &mut watch::Receiver<State>) -> End {
    let mut stalled = pin!(outgoing.stalled());
    loop {
        let idle = match *state.borrow_and_update() {
            State::Open => IDLE_TIMEOUT,
            State::Full => IDLE_TIMEOUT_WHEN_FULL,
            State::Stopping => return End::Stopping,
        };
        tokio::select! {
            () = outgoing.idle(idle) => return End::Idle,
            () = &mut stalled => return End::Stalled,
            changed = state.changed() => if changed.is_err() { return End::Stopping },
        }
    }
}

/// Waits until the rest of a connection that is to end is not worth waiting for.
async fn cut(outgoing: &Outgoing, end: End) {
    tokio::select! {
        // A client that does not close, though it has all its answers.
        () = async { sleep(CLOSE_TIMEOUT).await; outgoing.idle(CLOSE_TIMEOUT).await } => {}
        () = outgoing.only_stalled() => {}
        // The other answers do not keep alive what is not taken.
        () = sleep(CLOSE_TIMEOUT), if end == End::Stalled => {}
    }
}

fn report(outcome: Result<(), Box<dyn std::error::Error + Send + Sync>>) {
    if let Err(error) = outcome {
        tracing::debug!(error, "a connection ended early");
    }
}
