use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{Answer, Connection, Request, database, get, post};

/// The admin token of shops that are started for tests.
pub const TOKEN: &str = "test-token.0123456789";

/// A shop to be started: the binary, with settings of its own and none from the environment.
pub struct Start {
    command: Command,
    directory: Arc<Directory>,
}

/// A running shop. It ends with its test.
pub struct Shop {
    child: Child,
    pub addr: SocketAddr,
    output: Output,
    directory: Arc<Directory>,
}

/// The output of a process so far.
#[derive(Clone, Default)]
pub struct Output(Arc<Mutex<Vec<String>>>);

/// A directory that is removed with its last user, and the database of the shops in it.
struct Directory(PathBuf, Option<String>);

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

impl Start {
    /// A new shop, on the database that the tests run on.
    pub fn new() -> Self {
        Self::on(database::fresh())
    }

    /// A new shop on SQLite, in its default file.
    pub fn on_sqlite() -> Self {
        Self::on(None)
    }

    /// A new shop on a given database.
    pub fn on(database: Option<String>) -> Self {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("shop-{}-{number}", std::process::id());
        let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        std::fs::create_dir_all(&directory).unwrap();
        Self::within(Arc::new(Directory(directory, database)))
    }

    /// Another start in the same directory.
    pub fn beside(&self) -> Self {
        Self::within(Arc::clone(&self.directory))
    }

    fn within(directory: Arc<Directory>) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_shop"));
        command.env_clear().current_dir(&directory.0).stdin(Stdio::null());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        if let Some(database) = &directory.1 {
            command.env("SHOP_DATABASE_URL", database);
        }
        let start = Self { command, directory };
        start.set("SHOP_ADDR", "127.0.0.1:0").set("SHOP_ADMIN_TOKEN", TOKEN)
    }

    /// Runs the shop after some shell commands, for instance commands that limit it.
    pub fn under(mut self, words: &str) -> Self {
        let mut shell = Command::new("/bin/sh");
        shell.args(["-c", &format!("{words}; exec \"$0\"")]).arg(self.command.get_program());
        shell.env_clear().current_dir(&self.directory.0).stdin(Stdio::null());
        shell.stdout(Stdio::piped()).stderr(Stdio::piped());
        shell.envs(self.command.get_envs().filter_map(|(name, value)| Some((name, value?))));
        self.command = shell;
        self
    }

    pub fn set(mut self, name: &str, value: impl AsRef<std::ffi::OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    pub fn unset(mut self, name: &str) -> Self {
        self.command.env_remove(name);
        self
    }

    /// Starts the shop and waits until it accepts connections.
    pub fn run(self) -> Shop {
        let mut shop = self.begin();
        shop.addr = wait_until(|| {
            let lines = shop.output.lines();
            let addr = lines.iter().find_map(|line| line.strip_prefix("listening on http://"));
            assert!(shop.child.try_wait().unwrap().is_none() || addr.is_some(), "the shop did not start: {lines:#?}");
            addr.map(|addr| addr.parse().unwrap())
        });
        shop
    }

    /// Starts the shop without waiting: it has no address yet.
    pub fn begin(mut self) -> Shop {
        let mut child = self.command.spawn().unwrap();
        let output = Output::default();
        output.follow(child.stdout.take().unwrap());
        output.follow(child.stderr.take().unwrap());
        Shop { child, addr: SocketAddr::from(([127, 0, 0, 1], 0)), output, directory: self.directory }
    }

    /// Starts the shop and waits until it gives up; returns how it ended and its output.
    pub fn fail(mut self) -> (ExitStatus, String) {
        let output = self.command.output().unwrap();
        let text = [output.stdout, output.stderr].concat();
        (output.status, String::from_utf8(text).unwrap())
    }
}

impl Output {
    fn follow(&self, stream: impl Read + Send + 'static) {
        let lines = Arc::clone(&self.0);
        thread::spawn(move || {
            for line in BufReader::new(stream).lines().map_while(Result::ok) {
                lines.lock().unwrap().push(line);
            }
        });
    }

    fn lines(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

impl Shop {
    pub fn start() -> Self {
        Start::new().run()
    }

    /// Another shop in the same directory, and so on the same database.
    pub fn beside(&self) -> Start {
        Start::within(Arc::clone(&self.directory))
    }

    pub fn directory(&self) -> &Path {
        &self.directory.0
    }

    /// The URL of its database.
    pub fn database(&self) -> String {
        let file = || format!("sqlite:{}", self.directory().join("shop.db").display());
        self.directory.1.clone().unwrap_or_else(file)
    }

    pub fn connect(&self) -> Connection {
        Connection::open(self.addr)
    }

    /// Sends a request over a connection of its own.
    #[track_caller]
    pub fn send(&self, request: &Request) -> Answer {
        self.connect().send(request)
    }

    /// The output so far.
    pub fn printed(&self) -> String {
        self.output.lines().join("\n")
    }

    /// Asks the process to stop.
    pub fn terminate(&self) {
        self.signal("TERM");
    }

    /// Sends the process a signal.
    pub fn signal(&self, name: &str) {
        let kill = format!("kill -{name} {}", self.child.id());
        assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
    }

    /// Waits until the process has ended.
    pub fn ended(&mut self) -> ExitStatus {
        wait_until(|| self.child.try_wait().unwrap())
    }

    // Common steps of the tests.

    /// Places an order of one line.
    #[track_caller]
    pub fn order(&self, customer: &str, sku: &str, quantity: i64) -> Answer {
        let body = json!({"customer": customer, "lines": [{"sku": sku, "quantity": quantity}]});
        self.send(&post("/v1/orders").json(&body))
    }

    /// Places an order that must succeed, and returns its path.
    #[track_caller]
    pub fn ordered(&self, customer: &str, sku: &str, quantity: i64) -> String {
        let answer = self.order(customer, sku, quantity).expect(201);
        answer.header("location").unwrap().to_owned()
    }

    /// Adds a product with this stock.
    #[track_caller]
    pub fn stocked(&self, sku: &str, unit_price: i64, stock: i64) {
        let body = json!({"sku": sku, "name": sku, "unitPrice": unit_price, "stock": stock});
        self.send(&post("/v1/products").admin().json(&body)).expect(201);
    }

    #[track_caller]
    pub fn json(&self, target: &str) -> Value {
        self.send(&get(target)).expect(200).json()
    }

    #[track_caller]
    pub fn stock(&self, sku: &str) -> i64 {
        self.json(&format!("/v1/products/{sku}"))["stock"].as_i64().unwrap()
    }

    /// All orders of a list, read page by page.
    #[track_caller]
    pub fn all(&self, target: &str) -> Vec<Value> {
        let (mut all, mut next) = (Vec::new(), target.to_owned());
        loop {
            let page = self.json(&next);
            all.extend(page["items"].as_array().unwrap().iter().cloned());
            let Some(cursor) = page["next"].as_str() else { return all };
            let joint = if target.contains('?') { '&' } else { '?' };
            next = format!("{target}{joint}cursor={cursor}");
        }
    }
}

impl Drop for Shop {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if thread::panicking() {
            eprintln!("the shop printed:\n{}", self.printed());
        }
    }
}

/// How long a test waits for something that must happen.
fn deadline() -> Duration {
    Duration::from_secs(30)
}

/// Polls until there is a result.
#[track_caller]
pub fn wait_until<T>(mut look: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(seen) = look() {
            return seen;
        }
        assert!(start.elapsed() < deadline(), "nothing happened");
        thread::yield_now();
        thread::park_timeout(Duration::from_millis(2));
    }
}
