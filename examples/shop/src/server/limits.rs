//! How much there may be of each thing, and for how long.

use std::time::Duration;

use rustix::process::{Resource, getrlimit};

/// The most connections, where the system allows for as many files.
const MAX_CONNECTIONS: u64 = 10_000;
/// The files that are left for everything but connections: the database, the log, the listener.
const OTHER_FILES: u64 = 64;

/// The most requests at once on a connection (RFC 9113 §6.5.2 advises against fewer than 100).
pub const MAX_STREAMS: u32 = 100;
/// How much of an answer is copied out ahead of a client, in bytes, for each request of HTTP/2.
pub const MAX_SEND_BUFFER: usize = 64 << 10;
/// The largest head of a request over HTTP/2, in bytes.
pub const MAX_HEADERS: u32 = 16 << 10;
/// How many requests a client may have reset before the server looked at them: more is an attack (CVE-2023-44487), and
/// ends the connection.
pub const MAX_RESETS: usize = 100;

/// How long the head of a request may take to arrive, and how long a connection may be without a request.
pub const IDLE_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a connection may be without a request while others wait to be accepted.
pub const IDLE_TIMEOUT_WHEN_FULL: Duration = Duration::from_secs(1);
/// How long a client may leave an answer untaken.
pub const SEND_TIMEOUT: Duration = Duration::from_secs(10);
/// How often a client over HTTP/2 is asked whether it is still there, and how long it may take to say so.
pub const PING_INTERVAL: Duration = Duration::from_secs(10);
/// How long a connection that is told to end may take for the requests that it has.
pub const CLOSE_TIMEOUT: Duration = Duration::from_secs(5);
/// How long all connections may take when the server is told to stop.
pub const DRAIN_TIMEOUT: Duration = Duration::from_secs(8);
/// How long the server waits when it cannot accept.
pub const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// How many connections there may be at once.
pub fn connections() -> usize {
    let files = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
    // Of few files most are connections, and of very few half.
    let most = files.saturating_sub(OTHER_FILES).max(files / 2).clamp(1, MAX_CONNECTIONS);
    usize::try_from(most).unwrap_or(usize::MAX)
}
