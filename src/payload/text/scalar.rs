use std::fmt;

/// A text could not be read. For a value there are no details: the type itself is asked later what it expects.
#[derive(Debug)]
pub(crate) enum Unreadable {
    Value,
    Misfit(Misfit),
}

/// How a type does not fit the parameters of a route, whatever their values.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Misfit {
    /// The type takes a parameter that does not exist.
    Missing(&'static str),
    /// The type takes a different number of parameters.
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

/// A floating-point number; infinities are refused, as in JSON.
pub(super) fn finite(text: &str) -> Result<f64, Unreadable> {
    text.parse().ok().filter(|number: &f64| number.is_finite()).ok_or(Unreadable::Value)
}
