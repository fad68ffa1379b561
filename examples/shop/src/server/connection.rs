use std::pin::pin;

use axum::Router;
use buttress::layer::SendTimeoutLayer;
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

/// The server's state, as all connections see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    Open,
    /// Other clients wait to be accepted.
    Full,
    Stopping,
}

/// The reason why a connection must end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Idle,
    Stalled,
    Stopping,
}

/// Serves a connection until its client is done with it, or it must end.
pub async fn serve(stream: TcpStream, app: Router, mut state: watch::Receiver<State>) {
    // A response is one write; waiting for more data to send would only delay it.
    let _ = stream.set_nodelay(true);
    let outgoing = SendTimeoutLayer::new(SEND_TIMEOUT).connection();
    let service = TowerToHyperService::new(outgoing.layer(app));
    let builder = builder();
    let mut connection = pin!(builder.serve_connection(TokioIo::new(stream), service));
    let end = tokio::select! {
        outcome = connection.as_mut() => return report(outcome),
        end = end(&outgoing, &mut state) => end,
    };
    // HTTP/2 sends GOAWAY. Requests in flight go on, and no others begin.
    connection.as_mut().graceful_shutdown();
    tokio::select! {
        outcome = connection => report(outcome),
        () = cut(&outgoing, end) => tracing::debug!(?end, "a connection was cut"),
    }
}

fn builder() -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    // Without a timer, hyper ignores the timeouts.
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

/// Waits until the connection must end. This also works while the server cannot yet tell HTTP/1.1 from HTTP/2.
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

/// Waits until the rest of an ending connection is not worth waiting for.
async fn cut(outgoing: &Outgoing, end: End) {
    tokio::select! {
        // The client has all its responses, and still does not close.
        () = async { sleep(CLOSE_TIMEOUT).await; outgoing.idle(CLOSE_TIMEOUT).await } => {}
        () = outgoing.only_stalled() => {}
        // The other responses do not keep a stalled one alive.
        () = sleep(CLOSE_TIMEOUT), if end == End::Stalled => {}
    }
}

fn report(outcome: Result<(), Box<dyn std::error::Error + Send + Sync>>) {
    if let Err(error) = outcome {
        tracing::debug!(error, "a connection ended early");
    }
}
