//! A proxy between a pool and its server, on this machine, that drops connections at chosen moments.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use crate::messages::{Messages, Protocol};

/// The time at which the next committing connection is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cut {
    /// The server never sees the `COMMIT`.
    Before,
    /// The server answers the `COMMIT`; the client never sees it.
    Between,
    /// The client sees the answer, and nothing after it.
    After,
    /// The client is cut off at once; the server gets the `COMMIT` when it is [let go](Proxy::let_go).
    Late,
    /// Nothing is cut; the server gets the `COMMIT` when it is [let go](Proxy::let_go).
    Stall,
}

/// The proxy. It ends when this is dropped.
pub(crate) struct Proxy {
    pub(crate) address: SocketAddr,
    shared: Arc<Shared>,
    listening: tokio::task::JoinHandle<()>,
}

struct Shared {
    server: SocketAddr,
    protocol: Protocol,
    /// The cut for the next commit, on any connection.
    armed: Mutex<Option<Cut>>,
    /// Whether the cut has been made.
    made: AtomicBool,
    commits: AtomicUsize,
    /// Each increment cuts every connection.
    generation: watch::Sender<u64>,
    /// While true, nothing is forwarded.
    held: watch::Sender<bool>,
    /// Whether `held` becomes true when a commit is cut.
    hold_then: AtomicBool,
    /// While false, late or stalled commits are kept back.
    let_go: watch::Sender<bool>,
    /// The longest delay of each client message, in microseconds.
    delay: AtomicU64,
}

impl Proxy {
    pub(crate) async fn start(server: SocketAddr, protocol: Protocol) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            server,
            protocol,
            armed: Mutex::new(None),
            made: AtomicBool::new(false),
            commits: AtomicUsize::new(0),
            generation: watch::Sender::new(0),
            held: watch::Sender::new(false),
            hold_then: AtomicBool::new(false),
            let_go: watch::Sender::new(false),
            delay: AtomicU64::new(0),
        });
        let accepting = Arc::clone(&shared);
        let listening = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(Arc::clone(&accepting).connection(client));
            }
        });
        Self { address, shared, listening }
    }

    /// Cuts the connection of the next commit.
    pub(crate) fn arm(&self, cut: Cut) {
        self.shared.made.store(false, Ordering::SeqCst);
        *self.shared.armed.lock().unwrap() = Some(cut);
    }

    /// Whether the cut that was armed has been made.
    pub(crate) fn has_cut(&self) -> bool {
        self.shared.made.load(Ordering::SeqCst)
    }

    /// How many commits the clients have sent.
    pub(crate) fn commits(&self) -> usize {
        self.shared.commits.load(Ordering::SeqCst)
    }

    /// [Holds](Self::hold) everything else once a commit is cut.
    pub(crate) fn then_hold(&self) {
        self.shared.hold_then.store(true, Ordering::SeqCst);
    }

    /// Forwards the commits that were kept back, and later ones.
    pub(crate) fn let_go(&self) {
        self.shared.let_go.send_replace(true);
    }

    /// Delays each message of a client for a random time up to this one.
    pub(crate) fn delay(&self, longest: Duration) {
        self.shared.delay.store(u64::try_from(longest.as_micros()).unwrap(), Ordering::SeqCst);
    }

    /// Forwards nothing, in either direction, until it is [released](Self::release).
    pub(crate) fn hold(&self) {
        self.shared.held.send_replace(true);
    }

    /// Forwards the messages that were held back.
    pub(crate) fn release(&self) {
        self.shared.held.send_replace(false);
    }

    /// Cuts every connection, whatever its state.
    pub(crate) fn cut_all(&self) {
        self.shared.generation.send_modify(|generation| *generation += 1);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.listening.abort();
        self.cut_all();
    }
}

impl Shared {
    async fn connection(self: Arc<Self>, client: TcpStream) {
        let mut generation = self.generation.subscribe();
        // A server that is down refuses the connection, and so the client is dropped.
        let Ok(server) = TcpStream::connect(self.server).await else { return };
        let _ = (client.set_nodelay(true), server.set_nodelay(true));
        let (from_client, to_client) = client.into_split();
        let (from_server, to_server) = server.into_split();
        let (answered, answer) = watch::channel(Answer::Forward);
        // The first of these to end drops both sockets.
        tokio::select! {
            () = self.upstream(from_client, to_server, answered) => {}
            () = self.downstream(from_server, to_client, answer) => {}
            _ = generation.changed() => {}
        }
    }

    async fn upstream(
        self: &Arc<Self>,
        mut client: OwnedReadHalf,
        mut server: OwnedWriteHalf,
        answer: watch::Sender<Answer>,
    ) {
        let mut messages = Messages::new(self.protocol);
        loop {
            while let Some(message) = messages.next() {
                let cut = self.protocol.is_commit(&message).then(|| self.commit()).flatten();
                match cut {
                    Some(Cut::Before) => return self.cut(),
                    Some(Cut::Between) => drop(answer.send(Answer::Drop)),
                    Some(Cut::After) => drop(answer.send(Answer::ForwardAndCut)),
                    Some(Cut::Late) => {
                        self.cut();
                        return drop(tokio::spawn(Arc::clone(self).late(server, message)));
                    }
                    Some(Cut::Stall) => {
                        self.cut();
                        wait(&self.let_go, true).await;
                    }
                    None => {}
                }
                self.under_way().await;
                if server.write_all(&message).await.is_err() {
                    return;
                }
            }
            if !messages.read_from(&mut client).await {
                return;
            }
        }
    }

    async fn downstream(&self, mut server: OwnedReadHalf, mut client: OwnedWriteHalf, answer: watch::Receiver<Answer>) {
        let mut buffer = [0; 16 * 1024];
        loop {
            let read = match server.read(&mut buffer).await {
                Ok(0) | Err(_) => return,
                Ok(read) => read,
            };
            wait(&self.held, false).await;
            // The server sends nothing by itself, so the first data after a commit was forwarded is its answer. It fits
            // into one packet.
            let what = *answer.borrow();
            if what != Answer::Drop && client.write_all(&buffer[..read]).await.is_err() {
                return;
            }
            if what != Answer::Forward {
                return self.cut();
            }
        }
    }

    /// Returns the cut to make for the commit of a client.
    fn commit(&self) -> Option<Cut> {
        self.commits.fetch_add(1, Ordering::SeqCst);
        self.armed.lock().unwrap().take()
    }

    /// Records that the connection is about to be cut, or its commit to be kept back.
    fn cut(&self) {
        if self.hold_then.load(Ordering::SeqCst) {
            self.held.send_replace(true);
        }
        self.made.store(true, Ordering::SeqCst);
    }

    /// Sends the commit to the server although the client is gone.
    async fn late(self: Arc<Self>, mut server: OwnedWriteHalf, commit: Vec<u8>) {
        wait(&self.let_go, true).await;
        let _ = server.write_all(&commit).await;
    }

    async fn under_way(&self) {
        let longest = self.delay.load(Ordering::SeqCst);
        if longest > 0 {
            tokio::time::sleep(Duration::from_micros(fastrand::u64(..longest))).await;
        }
        wait(&self.held, false).await;
    }
}

async fn wait(switch: &watch::Sender<bool>, state: bool) {
    let _ = switch.subscribe().wait_for(|now| *now == state).await;
}

/// How to handle data from the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answer {
    Forward,
    Drop,
    ForwardAndCut,
}
