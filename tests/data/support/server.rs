//! A server of the test's own, to be killed, frozen and restarted.

use std::io::Write as _;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/server");

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ServerKind {
    Postgres,
    MariaDb,
    /// A pooler in front of a `PostgreSQL`.
    PgBouncer,
}

/// A server in its own directory, which ends with this value, or with the test's process, however that ends. All of its
/// functions block: call them in `tokio::task::block_in_place` if a test does other things at the same time.
#[derive(Debug)]
pub(crate) struct PrivateServer {
    kind: ServerKind,
    url: String,
    dir: TempDir,
    guard: Child,
}

impl PrivateServer {
    /// Makes a server with an empty database and starts it.
    pub(crate) fn start(kind: ServerKind) -> Self {
        Self::start_with(kind, &[])
    }

    /// Like [`start`](Self::start), with options for the server, `--name=value`.
    pub(crate) fn start_with(kind: ServerKind, options: &[&str]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let guard = guard(dir.path());
        let mut server = Self { kind, url: String::new(), dir, guard };
        server.url = server.run_start(options);
        server
    }

    /// The address of its database; it stays the same when the server comes back.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Ends it at once, like a power cut.
    pub(crate) fn kill(&self) {
        self.run(&["kill", self.path()]);
    }

    /// Shuts it down in order.
    pub(crate) fn stop(&self) {
        self.run(&["stop", self.path()]);
    }

    /// Starts it after a [`kill`](Self::kill) or [`stop`](Self::stop), on the same port, and waits until it answers.
    pub(crate) fn start_again(&self) -> String {
        self.run_start(&[])
    }

    fn run_start(&self, options: &[&str]) -> String {
        let kind = match self.kind {
            ServerKind::Postgres => "postgres",
            ServerKind::MariaDb => "mariadb",
            ServerKind::PgBouncer => "pgbouncer",
        };
        self.run(&[&["start", kind, self.path()], options].concat())
    }

    /// Freezes it: its connections stay open, but it does not answer.
    pub(crate) fn pause(&self) {
        self.run(&["pause", self.path()]);
    }

    /// Ends a [`pause`](Self::pause).
    pub(crate) fn resume(&self) {
        self.run(&["resume", self.path()]);
    }

    fn path(&self) -> &str {
        self.dir.path().to_str().unwrap()
    }

    fn run(&self, arguments: &[&str]) -> String {
        let output = Command::new(SCRIPT).args(arguments).stderr(Stdio::inherit()).output().unwrap();
        assert!(output.status.success(), "scripts/server {}: see above", arguments.join(" "));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }
}

impl Drop for PrivateServer {
    fn drop(&mut self) {
        if let Some(mut guard) = self.guard.stdin.take() {
            let _ = guard.write_all(b"end\n");
        }
        let _ = self.guard.wait();
    }
}

/// A process that ends the server and removes its files when its input ends, which is when the test process ends.
fn guard(dir: &Path) -> Child {
    // A killed test process cannot remove the directory, so this process does.
    let script = "read -r _; \"$0\" kill \"$1\" 2>/dev/null; rm -rf \"$1\"";
    Command::new("bash")
        .args(["-c", script, SCRIPT])
        .arg(dir)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        // Ctrl-C must not reach this process.
        .process_group(0)
        .spawn()
        .unwrap()
}
