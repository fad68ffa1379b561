//! The server loop: it accepts, serves HTTP/1.1 and HTTP/2, and on its way out finishes what it began.

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use hyper::service::Service;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{sleep, timeout};

/// How long the head of a request may take to arrive, and how long a connection may be idle.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// How long requests may take that were in flight when the server was told to stop.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(9);

/// Serves until `stop` is ready. Then it accepts no more, finishes what is in flight, and cuts what does not end.
pub async fn serve(listener: TcpListener, app: Router, stop: impl Future<Output = ()>) {
    let (graceful, builder) = (GracefulShutdown::new(), builder());
    let mut stop = std::pin::pin!(stop);
    loop {
        tokio::select! {
            () = &mut stop => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    tokio::spawn(connection(stream, app.clone(), builder.clone(), graceful.watcher()));
                }
                Err(error) => recover(&error).await,
            },
        }
    }
    drop(listener);
    tracing::info!(connections = graceful.count(), "stopping");
    if timeout(DRAIN_TIMEOUT, graceful.shutdown()).await.is_err() {
        tracing::warn!("some requests did not end in time and were cut");
    }
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

fn builder() -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    // Without a timer, hyper leaves the timeouts out.
    builder.http1().timer(TokioTimer::new()).header_read_timeout(HEAD_TIMEOUT);
    builder.http2().timer(TokioTimer::new()).keep_alive_interval(HEAD_TIMEOUT).keep_alive_timeout(HEAD_TIMEOUT);
    builder
}

async fn connection(stream: TcpStream, app: Router, builder: Builder<TokioExecutor>, watcher: Watcher) {
    // An answer is one write; waiting for more to send only delays it.
    let _ = stream.set_nodelay(true);
    let begun = Arc::new(AtomicBool::new(false));
    let service = Begun { service: TowerToHyperService::new(app), flag: Arc::clone(&begun) };
    let connection = watcher.watch(builder.serve_connection(TokioIo::new(stream), service).into_owned());
    tokio::select! {
        outcome = connection => if let Err(error) = outcome {
            tracing::debug!(error, "a connection ended early");
        },
        () = silence(&begun) => tracing::debug!("a connection without a request was closed"),
    }
}

/// Ready when no request has begun in time. While the server cannot tell HTTP/1.1 from HTTP/2 yet, no other timeout
/// holds.
async fn silence(begun: &AtomicBool) {
    sleep(HEAD_TIMEOUT).await;
    if begun.load(Ordering::Relaxed) {
        std::future::pending::<()>().await;
    }
}

/// Waits a little when no connection can be accepted, such as while the process has no file descriptors left.
async fn recover(error: &io::Error) {
    tracing::warn!(%error, "cannot accept a connection");
    sleep(Duration::from_millis(100)).await;
}

/// Notes that a request has begun.
#[derive(Clone)]
struct Begun {
    service: TowerToHyperService<Router>,
    flag: Arc<AtomicBool>,
}

impl Service<Request<hyper::body::Incoming>> for Begun {
    type Response = axum::response::Response;
    type Error = Infallible;
    type Future = <TowerToHyperService<Router> as Service<Request<hyper::body::Incoming>>>::Future;

    fn call(&self, request: Request<hyper::body::Incoming>) -> Self::Future {
        self.flag.store(true, Ordering::Relaxed);
        self.service.call(request)
    }
}
