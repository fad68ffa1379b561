use axum::Router;
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::connection::{self, State};
use super::limits::DRAIN_TIMEOUT;

/// All open connections, and the state that they see.
pub struct Connections {
    app: Router,
    most: usize,
    tasks: JoinSet<()>,
    state: watch::Sender<State>,
}

impl Connections {
    pub fn new(app: Router, most: usize) -> Self {
        Self { app, most, tasks: JoinSet::new(), state: watch::Sender::new(State::Open) }
    }

    pub fn are_full(&self) -> bool {
        self.tasks.len() >= self.most
    }

    pub fn serve(&mut self, stream: TcpStream) {
        self.tasks.spawn(connection::serve(stream, self.app.clone(), self.state.subscribe()));
        let is_new = |state: &mut _| std::mem::replace(state, State::Full) == State::Open;
        if self.are_full() && self.state.send_if_modified(is_new) {
            tracing::warn!(connections = self.most, "there are as many connections as there may be");
        }
    }

    /// Waits until a connection has ended; for ever if there is none.
    pub async fn one_ended(&mut self) {
        if self.tasks.join_next().await.is_none() {
            return std::future::pending().await;
        }
        // Not at the first that ends, or the idle connections would be switched back and forth.
        if self.tasks.len() <= self.most / 4 * 3 {
            self.state.send_if_modified(|state| std::mem::replace(state, State::Open) == State::Full);
        }
    }

    /// Lets the connections finish their requests in flight, and cuts off those that do not end.
    pub async fn drain(mut self) {
        tracing::info!(connections = self.tasks.len(), "stopping");
        self.state.send_replace(State::Stopping);
        if timeout(DRAIN_TIMEOUT, async { while self.tasks.join_next().await.is_some() {} }).await.is_err() {
            tracing::warn!("some requests did not end in time and were cut");
        }
        self.tasks.shutdown().await;
    }
}
