use super::Violation;

/// Everything that is wrong with an input, in a stable order and bounded.
///
/// At most [`Violations::MAX`] are kept, and no more than 64 KiB of their places and messages; any further ones are
/// only counted. An attacker who sends a million wrong elements, or a thousand that lie deep below long names, gets no
/// long response and costs the service no memory.
///
/// ```
/// use buttress::violation::{InputPath, Violation, Violations};
///
/// let mut found = Violations::new();
/// for i in 0..5_000 {
///     found.push(Violation::at(&InputPath::body().index(i), "type", "must be a string"));
/// }
/// assert_eq!((found.iter().len(), found.total()), (Violations::MAX, 5_000));
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Violations {
    kept: Vec<Violation>,
    /// The size of the kept violations.
    bytes: usize,
    dropped: usize,
}

/// The most bytes of places and messages. The first violation is kept, however long it is.
const MAX_BYTES: usize = 64 * 1024;

impl Violations {
    /// The most violations that are kept.
    pub const MAX: usize = 100;

    /// An empty list.
    #[must_use]
    pub const fn new() -> Self {
        Self { kept: Vec::new(), bytes: 0, dropped: 0 }
    }

    /// Adds a violation. Past [`MAX`](Self::MAX), or if there is no room for its text, it is only counted.
    pub fn push(&mut self, violation: Violation) {
        let bytes = self.bytes + violation.size();
        if self.kept.is_empty() || !self.is_full() && bytes <= MAX_BYTES {
            self.kept.push(violation);
            self.bytes = bytes;
        } else {
            self.dropped += 1;
        }
    }

    /// Adds all of `other`.
    pub fn append(&mut self, other: Self) {
        other.kept.into_iter().for_each(|violation| self.push(violation));
        self.dropped += other.dropped;
    }

    /// Whether further violations would only be counted, so that a check may stop here.
    #[must_use]
    pub const fn is_full(&self) -> bool {
        self.kept.len() >= Self::MAX || self.dropped > 0
    }

    /// Whether there are no violations.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }

    /// How many violations were found, including those past [`MAX`](Self::MAX).
    #[must_use]
    pub const fn total(&self) -> usize {
        self.kept.len() + self.dropped
    }

    /// The violations that are kept.
    pub fn iter(&self) -> std::slice::Iter<'_, Violation> {
        self.kept.iter()
    }

    /// Changes each message, for instance into another language.
    pub fn map_messages(&mut self, mut message: impl FnMut(&Violation) -> Option<String>) {
        for violation in &mut self.kept {
            if let Some(text) = message(violation) {
                *violation = violation.clone().with_message(text);
            }
        }
    }

    /// Sorts by location, then code, then message, and removes duplicates.
    pub fn sort(&mut self) {
        self.kept.sort_by(|a, b| a.sort_key().cmp(&b.sort_key()));
        self.kept.dedup();
        self.bytes = self.kept.iter().map(Violation::size).sum();
    }
}

impl<'a> IntoIterator for &'a Violations {
    type Item = &'a Violation;
    type IntoIter = std::slice::Iter<'a, Violation>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl FromIterator<Violation> for Violations {
    fn from_iter<I: IntoIterator<Item = Violation>>(violations: I) -> Self {
        let mut list = Self::new();
        violations.into_iter().for_each(|violation| list.push(violation));
        list
    }
}

impl From<Violation> for Violations {
    fn from(violation: Violation) -> Self {
        Self::from_iter([violation])
    }
}
