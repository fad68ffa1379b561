//! The limits of the server: sizes, counts and times.

use std::time::Duration;

use rustix::process::{Resource, getrlimit};

/// The most connections, if the system allows that many files.
const MAX_CONNECTIONS: u64 = 10_000;
/// The files that are left for everything but connections: the database, the log, the listener.
const OTHER_FILES: u64 = 64;

/// The most requests at once on a connection (RFC 9113 §6.5.2 advises against fewer than 100).
pub const MAX_STREAMS: u32 = 100;
/// How much of a response is buffered ahead of a client, in bytes, for each HTTP/2 request.
pub const MAX_SEND_BUFFER: usize = 64 << 10;
/// The largest head of a request over HTTP/2, in bytes.
pub const MAX_HEADERS: u32 = 16 << 10;
/// How many requests a client may reset before the server has looked at them: more is an attack (CVE-2023-44487), and
/// ends the connection.
pub const MAX_RESETS: usize = 100;

/// How long the head of a request may take to arrive, and how long a connection may be without a request.
pub const IDLE_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a connection may be without a request while others wait to be accepted.
pub const IDLE_TIMEOUT_WHEN_FULL: Duration = Duration::from_secs(1);
/// How long a client may leave a response unread.
pub const SEND_TIMEOUT: Duration = Duration::from_secs(10);
/// How often an HTTP/2 client is pinged, and how long it may take to answer.
pub const PING_INTERVAL: Duration = Duration::from_secs(10);
/// How long a connection that must end may take for its current requests.
pub const CLOSE_TIMEOUT: Duration = Duration::from_secs(5);
/// How long all connections together may take when the server stops.
pub const DRAIN_TIMEOUT: Duration = Duration::from_secs(8);
/// How long the server waits after it could not accept.
pub const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// How many connections may be open at once.
pub fn connections() -> usize {
    let files = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
    // If there are few files, most are for connections; if there are very few, half.
    let most = files.saturating_sub(OTHER_FILES).max(files / 2).clamp(1, MAX_CONNECTIONS);
    usize::try_from(most).unwrap_or(usize::MAX)
}
