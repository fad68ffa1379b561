//! A real subscriber that remembers every span and event of a thread, and one for all threads that remembers what must
//! not be logged.

use std::collections::BTreeMap;
use std::fmt::{Debug, Write};
use std::sync::{Arc, Mutex, MutexGuard, Once};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::DefaultGuard;
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;

pub(crate) type Fields = BTreeMap<&'static str, String>;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SeenSpan {
    pub(crate) name: &'static str,
    pub(crate) fields: Fields,
    pub(crate) closed: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SeenEvent {
    pub(crate) level: Level,
    pub(crate) target: String,
    pub(crate) fields: Fields,
    /// Which span it belongs to, in the order of their beginning.
    pub(crate) span: Option<usize>,
}

#[derive(Debug, Default)]
pub(crate) struct Seen {
    pub(crate) spans: Vec<SeenSpan>,
    pub(crate) events: Vec<SeenEvent>,
}

/// What this thread logs while it lives.
pub(crate) struct Capture {
    seen: Arc<Mutex<Seen>>,
    _guard: DefaultGuard,
}

impl Capture {
    pub(crate) fn new() -> Self {
        watch();
        let seen = Arc::<Mutex<Seen>>::default();
        let subscriber = tracing_subscriber::registry().with(Recorder(Arc::clone(&seen)));
        Self { seen, _guard: tracing::subscriber::set_default(subscriber) }
    }

    pub(crate) fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap()
    }

    /// All there is, as text.
    #[allow(dead_code)]
    pub(crate) fn text(&self) -> String {
        format!("{:?}", self.seen())
    }
}

/// What nobody may log, on any thread.
#[allow(dead_code)]
pub(crate) const UNSPEAKABLE: &str = "xyzzyplugh";

/// What is logged to see that the watch is awake.
#[allow(dead_code)]
pub(crate) const CANARY: &str = "canarybird";

static LEAKS: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Starts to watch all threads that record nothing themselves. Without a subscriber that outlives them all, one test's
/// end could also switch off what another is about to log.
pub(crate) fn watch() {
    static ALWAYS: Once = Once::new();
    let watch = || tracing_subscriber::registry().with(Watch);
    ALWAYS.call_once(|| tracing::subscriber::set_global_default(watch()).unwrap());
}

/// All that was logged since [`watch`] with one of these words in it.
#[allow(dead_code)]
pub(crate) fn leaks(word: &str) -> Vec<String> {
    LEAKS.lock().unwrap().iter().filter(|text| text.contains(word)).cloned().collect()
}

struct Watch;

impl Watch {
    fn look(&self, record: impl FnOnce(&mut Visitor<'_>)) {
        let mut fields = Fields::new();
        record(&mut Visitor(&mut fields));
        let text = format!("{fields:?}");
        if [UNSPEAKABLE, CANARY].iter().any(|word| text.contains(word)) {
            LEAKS.lock().unwrap().push(text);
        }
    }
}

impl<S: Subscriber> Layer<S> for Watch {
    fn on_new_span(&self, attributes: &Attributes<'_>, _: &Id, _: Context<'_, S>) {
        self.look(|fields| attributes.record(fields));
    }

    fn on_record(&self, _: &Id, values: &Record<'_>, _: Context<'_, S>) {
        self.look(|fields| values.record(fields));
    }

    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        self.look(|fields| event.record(fields));
    }
}

struct Recorder(Arc<Mutex<Seen>>);

struct Index(usize);

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Recorder {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut fields = Fields::new();
        attributes.record(&mut Visitor(&mut fields));
        let mut seen = self.0.lock().unwrap();
        context.span(id).unwrap().extensions_mut().insert(Index(seen.spans.len()));
        seen.spans.push(SeenSpan { name: attributes.metadata().name(), fields, closed: false });
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let Index(index) = *context.span(id).unwrap().extensions().get::<Index>().unwrap();
        values.record(&mut Visitor(&mut self.0.lock().unwrap().spans[index].fields));
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut fields = Fields::new();
        event.record(&mut Visitor(&mut fields));
        let span = context.event_span(event).map(|span| span.extensions().get::<Index>().unwrap().0);
        let (level, target) = (*event.metadata().level(), event.metadata().target().to_owned());
        self.0.lock().unwrap().events.push(SeenEvent { level, target, fields, span });
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let Index(index) = *context.span(&id).unwrap().extensions().get::<Index>().unwrap();
        self.0.lock().unwrap().spans[index].closed = true;
    }
}

impl Copy for Index {}
impl Clone for Index {
    fn clone(&self) -> Self {
        *self
    }
}

struct Visitor<'a>(&'a mut Fields);

impl Visit for Visitor<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let mut text = String::new();
        write!(text, "{value:?}").unwrap();
        assert!(self.0.insert(field.name(), text).is_none(), "{} was recorded twice", field.name());
    }
}
