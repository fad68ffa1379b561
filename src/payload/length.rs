use crate::violation::{At, Violation};

use super::Length;

impl Length {
    /// What is wrong with a number of elements or members, if anything.
    pub(super) fn refuse(self, count: usize, at: &At<'_>) -> Option<Violation> {
        let count = u64::try_from(count).unwrap_or(u64::MAX);
        let fits = self.equal.is_none_or(|equal| count == equal)
            && self.min.is_none_or(|min| count >= min)
            && self.max.is_none_or(|max| count <= max);
        (!fits).then(|| self.violation("element", "length", at))
    }

    /// The violation of these limits, counted in a noun that takes a plain `s` in the plural.
    pub(super) fn violation(self, noun: &str, code: &'static str, at: &At<'_>) -> Violation {
        let violation = Violation::at(at, code, self.message(noun));
        let limits = [("min", self.min), ("max", self.max), ("equal", self.equal)];
        limits.into_iter().fold(violation, |violation, (name, limit)| match limit {
            Some(limit) => violation.with_param(name, limit),
            None => violation,
        })
    }

    fn message(self, noun: &str) -> String {
        let counted = |n: u64| if n == 1 { format!("1 {noun}") } else { format!("{n} {noun}s") };
        match (self.equal, self.min, self.max) {
            (Some(equal), ..) => format!("must have exactly {}", counted(equal)),
            (None, Some(min), Some(max)) if min == max => format!("must have exactly {}", counted(min)),
            (None, Some(min), Some(max)) => format!("must have {min} to {}", counted(max)),
            (None, Some(min), None) => format!("must have at least {}", counted(min)),
            (None, None, Some(max)) => format!("must have at most {}", counted(max)),
            (None, None, None) => "has an unacceptable length".to_owned(),
        }
    }
}
