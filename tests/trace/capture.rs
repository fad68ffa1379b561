//! Real subscribers that record every span and event of a thread, or of the code inside a span; and, for all threads,
//! texts that must not be logged.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fmt::{Debug, Write};
use std::sync::{Arc, Mutex, MutexGuard, Once};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, EnteredSpan, Id, Record};
use tracing::subscriber::DefaultGuard;
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::{LookupSpan, SpanRef};

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
    /// The index of its span, in the order in which the spans began.
    pub(crate) span: Option<usize>,
}

#[derive(Debug, Default)]
pub(crate) struct Seen {
    pub(crate) spans: Vec<SeenSpan>,
    pub(crate) events: Vec<SeenEvent>,
}

/// The spans and events that are logged during its lifetime.
pub(crate) struct Capture {
    seen: Arc<Mutex<Seen>>,
    _guard: Guard,
}

/// Keeps the recorder registered; dropped at the end of a capture.
#[allow(dead_code, reason = "held, not read")]
enum Guard {
    Subscriber(DefaultGuard),
    Span(EnteredSpan),
}

impl Capture {
    /// Captures what this thread logs.
    #[allow(dead_code)]
    pub(crate) fn new() -> Self {
        watch();
        let seen = Arc::<Mutex<Seen>>::default();
        let subscriber = tracing_subscriber::registry().with(Recorder(Some(Arc::clone(&seen))));
        Self { seen, _guard: Guard::Subscriber(tracing::subscriber::set_default(subscriber)) }
    }

    /// Captures everything that is logged inside a span that this thread enters, on whichever thread: some code passes
    /// its spans to other threads, and a span must not be entered in a subscriber that does not know it.
    #[allow(dead_code)]
    pub(crate) fn inside() -> Self {
        watch();
        let seen = Arc::<Mutex<Seen>>::default();
        ROOT.set(Some(Arc::clone(&seen)));
        let span = tracing::error_span!("root").entered();
        Self { seen, _guard: Guard::Span(span) }
    }

    pub(crate) fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap()
    }

    /// The whole record, as text.
    #[allow(dead_code)]
    pub(crate) fn text(&self) -> String {
        format!("{:?}", self.seen())
    }
}

/// Texts that must not be logged, on any thread.
#[allow(dead_code)]
pub(crate) const UNSPEAKABLE: &str = "xyzzyplugh";

/// A marker event that shows that the watch is active.
#[allow(dead_code)]
pub(crate) const CANARY: &str = "canarybird";

static LEAKS: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Starts to watch all threads that have no subscriber of their own. Without one that outlives them all, the end of one
/// test could also disable events that another test is about to log.
pub(crate) fn watch() {
    static ALWAYS: Once = Once::new();
    let everywhere = || tracing_subscriber::registry().with(Watch).with(Recorder(None));
    ALWAYS.call_once(|| tracing::subscriber::set_global_default(everywhere()).unwrap());
}

/// Every entry since [`watch`] that contains one of these words.
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

thread_local! {
    /// The record that the next root span belongs to.
    static ROOT: Cell<Option<Arc<Mutex<Seen>>>> = const { Cell::new(None) };
}

/// Records into one record, or into the record of a span's root.
struct Recorder(Option<Arc<Mutex<Seen>>>);

/// The record that a span is in, and its index there; a root has none.
#[derive(Clone)]
struct Home(Arc<Mutex<Seen>>, Option<usize>);

impl Home {
    fn of<S: for<'a> LookupSpan<'a>>(span: Option<SpanRef<'_, S>>) -> Option<Self> {
        span?.extensions().get::<Self>().cloned()
    }

    fn span(&self, change: impl FnOnce(&mut SeenSpan)) {
        if let Some(index) = self.1 {
            change(&mut self.0.lock().unwrap().spans[index]);
        }
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Recorder {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let span = context.span(id).unwrap();
        if let Some(seen) = ROOT.take() {
            span.extensions_mut().insert(Home(seen, None));
            return;
        }
        let inherited = || Home::of(span.parent()).map(|home| home.0);
        let Some(seen) = self.0.clone().or_else(inherited) else { return };
        let mut fields = Fields::new();
        attributes.record(&mut Visitor(&mut fields));
        let mut all = seen.lock().unwrap();
        span.extensions_mut().insert(Home(Arc::clone(&seen), Some(all.spans.len())));
        all.spans.push(SeenSpan { name: attributes.metadata().name(), fields, closed: false });
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        if let Some(home) = Home::of(context.span(id)) {
            home.span(|span| values.record(&mut Visitor(&mut span.fields)));
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let home = Home::of(context.event_span(event));
        let Some(seen) = self.0.as_ref().or(home.as_ref().map(|home| &home.0)) else { return };
        let mut fields = Fields::new();
        event.record(&mut Visitor(&mut fields));
        let (level, target) = (*event.metadata().level(), event.metadata().target().to_owned());
        let span = home.as_ref().and_then(|home| home.1);
        seen.lock().unwrap().events.push(SeenEvent { level, target, fields, span });
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        if let Some(home) = Home::of(context.span(&id)) {
            home.span(|span| span.closed = true);
        }
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
