//! The operator's view: all log lines of all servers of this process.

use std::io;
use std::sync::{Mutex, Once};

use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::{Layer, SubscriberExt};

pub(crate) static LOG: Log = Log { text: Mutex::new(Vec::new()), start: Once::new() };

pub(crate) struct Log {
    text: Mutex<Vec<u8>>,
    start: Once,
}

impl Log {
    /// Captures everything that Buttress logs, at every level.
    pub(crate) fn start(&self) {
        self.start.call_once(|| {
            let lines = tracing_subscriber::fmt::layer().with_ansi(false).with_writer(|| Writer);
            let of_ours = Targets::new().with_target("buttress", tracing::Level::TRACE);
            let subscriber = tracing_subscriber::registry().with(lines.with_filter(of_ours));
            tracing::subscriber::set_global_default(subscriber).unwrap();
            // A panic is reported by its hook before it can be caught; that hook belongs to the application.
            std::panic::set_hook(Box::new(|panic| {
                if panic.location().is_none_or(|place| !place.file().ends_with("app.rs")) {
                    eprintln!("{panic}");
                }
            }));
        });
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.text.lock().unwrap()).into_owned()
    }

    pub(crate) fn contains(&self, text: &str) -> bool {
        self.text().contains(text)
    }

    /// The lines about one request.
    pub(crate) fn line(&self, id: &str) -> Option<String> {
        let text = self.text();
        let lines: Vec<_> = text.lines().filter(|line| !id.is_empty() && line.contains(id)).collect();
        (!lines.is_empty()).then(|| lines.join("\n"))
    }
}

struct Writer;

impl io::Write for Writer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LOG.text.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
