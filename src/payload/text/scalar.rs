use std::fmt;

/// A text could not be read. Nothing more is said of a value: the type is asked what it must be.
#[derive(Debug)]
pub(crate) enum Unreadable {
    Value,
    Misfit(Misfit),
}

/// How a type does not fit the parameters of a route, whatever they hold.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Misfit {
    /// It takes a parameter that is not there.
    Missing(&'static str),
    /// It takes another number of them.
    Count,
}

impl Unreadable {
    pub(crate) const fn misfit(&self) -> Option<Misfit> {
        match self {
            Self::Value => None,
            Self::Misfit(misfit) => Some(*misfit),
        }
    }
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("is not acceptable")
    }
}

impl std::error::Error for Unreadable {}

impl serde::de::Error for Unreadable {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self::Value
    }

    fn missing_field(name: &'static str) -> Self {
        Self::Misfit(Misfit::Missing(name))
    }
}

/// A floating-point number; JSON has no infinity either.
pub(super) fn finite(text: &str) -> Result<f64, Unreadable> {
    text.parse().ok().filter(|number: &f64| number.is_finite()).ok_or(Unreadable::Value)
}
