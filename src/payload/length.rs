use crate::schema::Length;
use crate::violation::{InputPath, Violation};

impl Length {
    /// The violation by this number of elements or members, if it breaks a limit.
    pub(super) fn refuse(self, count: usize, noun: &str, at: &InputPath<'_>) -> Option<Violation> {
        let count = u64::try_from(count).unwrap_or(u64::MAX);
        let fits = self.equal.is_none_or(|equal| count == equal)
            && self.min.is_none_or(|min| count >= min)
            && self.max.is_none_or(|max| count <= max);
        (!fits).then(|| self.violation(noun, "length", at))
    }

    /// The violation of these limits; `noun` is the counted thing, whose plural takes a plain `s`.
    pub(super) fn violation(self, noun: &str, code: &'static str, at: &InputPath<'_>) -> Violation {
        let violation = Violation::at(at, code, self.message(noun));
        let limits = [("min", self.min), ("max", self.max), ("equal", self.equal)];
        limits.into_iter().fold(violation, |violation, (name, limit)| match limit {
            Some(limit) => violation.with_param(name, limit),
            None => violation,
        })
    }

    fn message(self, noun: &str) -> String {
        let s = |n: u64| if n == 1 { "" } else { "s" };
        match (self.equal, self.min, self.max) {
            (Some(n), ..) => format!("must have exactly {n} {noun}{}", s(n)),
            (None, Some(n), Some(max)) if n == max => format!("must have exactly {n} {noun}{}", s(n)),
            (None, Some(min), Some(max)) => format!("must have {min} to {max} {noun}{}", s(max)),
            (None, Some(n), None) => format!("must have at least {n} {noun}{}", s(n)),
            (None, None, Some(n)) => format!("must have at most {n} {noun}{}", s(n)),
            (None, None, None) => "has an unacceptable length".to_owned(),
        }
    }
}
