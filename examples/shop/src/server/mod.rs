//! The server loop: it accepts connections, serves HTTP/1.1 and HTTP/2, and finishes the requests in flight when it
//! stops.
//!
//! Nothing that a client does or fails to do holds a resource for ever. `limits.rs` defines the limits of sizes, counts
//! and times; `connections.rs` counts connections, and `connection.rs` serves one and ends it.

mod connection;
mod connections;
mod limits;

use std::future::Future;
use std::io::{self, ErrorKind};

use axum::Router;
use tokio::net::TcpListener;
use tokio::time::sleep;

use self::connections::Connections;

/// Serves until `stop` is ready. Then it accepts no more, finishes the requests in flight, and cuts off those that do
/// not end.
pub async fn serve(listener: TcpListener, app: Router, stop: impl Future<Output = ()>) {
    let mut connections = Connections::new(app, limits::connections());
    let mut stop = std::pin::pin!(stop);
    loop {
        tokio::select! {
            () = &mut stop => break,
            () = connections.one_ended() => {}
            // At the limit, clients wait in the system's queue until a connection ends.
            accepted = listener.accept(), if !connections.are_full() => match accepted {
                Ok((stream, _)) => connections.serve(stream),
                Err(error) => recover(&error).await,
            },
        }
    }
    drop(listener);
    connections.drain().await;
}

/// Ready when the process is asked to stop: SIGTERM, or Ctrl-C on a terminal.
pub fn stop_signal() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};

    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

/// A client that disconnected before it was accepted is ignored. Any other error, such as a process or a machine
/// without file descriptors, does not pass at once, and retrying without a pause would take a whole core.
async fn recover(error: &io::Error) {
    use ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};

    if !matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset) {
        tracing::warn!(%error, "cannot accept a connection");
        sleep(limits::ACCEPT_PAUSE).await;
    }
}
