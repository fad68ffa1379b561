use std::fmt;

/// The background work that did not end in time: the name of each kind, and how many pieces of it there are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Unfinished(Vec<(&'static str, usize)>);

impl Unfinished {
    pub(super) fn new(work: impl Iterator<Item = (&'static str, usize)>) -> Self {
        let mut work: Vec<_> = work.filter(|(_, count)| *count > 0).collect();
        work.sort_unstable();
        Self(work)
    }

    /// How many pieces of work there are, of all kinds.
    #[must_use]
    pub fn count(&self) -> usize {
        self.0.iter().map(|(_, count)| count).sum()
    }

    /// The kinds of work and how many pieces of each there are.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, usize)> + '_ {
        self.0.iter().copied()
    }
}

/// `after-commit hooks (2), outbox relays (1)`, or `nothing`.
impl fmt::Display for Unfinished {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("nothing");
        }
        self.iter().enumerate().try_for_each(|(at, (name, count))| {
            let comma = if at == 0 { "" } else { ", " };
            write!(f, "{comma}{name} ({count})")
        })
    }
}
