use super::ProblemType;

/// All problem types that an error can become: its own, and those of the errors that it wraps.
///
/// ```
/// use buttress::problem::{Catalogue, ErrorStatus, ProblemType};
///
/// const GONE: ProblemType = ProblemType::new(ErrorStatus::GONE, "gone", "Gone");
/// const INNER: Catalogue = Catalogue::new(&[GONE], &[]);
/// const OUTER: Catalogue = Catalogue::new(&[], &[&INNER]);
/// assert_eq!(OUTER.types().map(|t| t.code()).collect::<Vec<_>>(), ["gone"]);
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Catalogue {
    own: &'static [ProblemType],
    wrapped: &'static [&'static Catalogue],
}

impl Catalogue {
    /// Lists an error's own types and the catalogues of the errors that it wraps.
    #[must_use]
    pub const fn new(own: &'static [ProblemType], wrapped: &'static [&'static Self]) -> Self {
        Self { own, wrapped }
    }

    /// Every type, the error's own first.
    #[must_use]
    pub fn types(&self) -> Box<dyn Iterator<Item = &'static ProblemType>> {
        Box::new(self.own.iter().chain(self.wrapped.iter().flat_map(|inner| inner.types())))
    }

    /// The type that has this code, for a page that explains it.
    #[must_use]
    pub fn find(&self, code: &str) -> Option<&'static ProblemType> {
        self.types().find(|kind| kind.code() == code)
    }
}
