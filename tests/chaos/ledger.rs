//! The reported outcome of each unit of work, to be compared with the rows.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, Ordering};

use buttress::store::{Error, ErrorKind, Outcome};

/// How a unit ended, as far as its task knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum End {
    Committed,
    RolledBack,
    Unknown,
    /// Its future was dropped.
    Cancelled,
}

impl End {
    /// Whether the unit may be in the table (`there`), or may be missing.
    const fn allows(self, there: bool) -> bool {
        match self {
            Self::Committed => there,
            Self::RolledBack => !there,
            Self::Unknown | Self::Cancelled => true,
        }
    }
}

pub(crate) struct Ledger {
    /// The expected errors; any other one fails the test.
    expected: &'static [ErrorKind],
    next: AtomicI64,
    ends: Mutex<BTreeMap<i64, End>>,
    causes: Mutex<BTreeMap<String, usize>>,
}

impl Ledger {
    pub(crate) fn expecting(expected: &'static [ErrorKind]) -> Self {
        Self { expected, next: AtomicI64::new(1), ends: Mutex::default(), causes: Mutex::default() }
    }

    /// The number of a new unit.
    pub(crate) fn begin(&self) -> i64 {
        self.next.fetch_add(1, Ordering::SeqCst)
    }

    /// Records the outcome of a unit; `None` if its future was dropped.
    pub(crate) fn end<R: Debug>(&self, unit: i64, outcome: Option<&Outcome<R, Error>>) {
        let (end, cause) = match outcome {
            Some(Outcome::Committed(_)) => (End::Committed, None),
            Some(Outcome::RolledBack(error)) => (End::RolledBack, Some(error.kind())),
            Some(Outcome::Unknown(error)) => (End::Unknown, Some(error.kind())),
            None => (End::Cancelled, None),
        };
        self.ends.lock().unwrap().insert(unit, end);
        let name = cause.map_or_else(|| format!("{end:?}"), |kind| format!("{end:?}({kind:?})"));
        *self.causes.lock().unwrap().entry(name).or_default() += 1;
        assert!(cause.is_none_or(|kind| self.expected.contains(&kind)), "unit {unit}: {outcome:?}");
    }

    /// How many units have ended.
    pub(crate) fn ended(&self) -> usize {
        self.ends.lock().unwrap().len()
    }

    /// The units with this outcome.
    pub(crate) fn which(&self, end: End) -> Vec<i64> {
        let ends = self.ends.lock().unwrap();
        ends.iter().filter(|(_, ended)| **ended == end).map(|(unit, _)| *unit).collect()
    }

    /// Fails unless the units in the table are those that may be there. `rows` is the number of rows of each unit; a
    /// complete unit has `whole` of them.
    pub(crate) fn agrees_with(&self, rows: &[(i64, i64)], whole: i64) {
        let rows: BTreeMap<i64, i64> = rows.iter().copied().collect();
        let ends = self.ends.lock().unwrap();
        for (unit, count) in &rows {
            assert_eq!(*count, whole, "unit {unit} is neither whole nor absent; it was {:?}", ends.get(unit));
            assert!(ends.contains_key(unit), "nobody knows of unit {unit}");
        }
        for (unit, end) in ends.iter() {
            assert!(end.allows(rows.contains_key(unit)), "unit {unit} was {end:?}: there {}", rows.contains_key(unit));
        }
    }

    /// Prints how often each outcome was seen.
    pub(crate) fn report(&self, test: &str) {
        println!("{test}: {:?}", self.causes.lock().unwrap());
    }
}
