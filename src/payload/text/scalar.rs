use std::fmt;

/// That text could not be read. It says nothing more: what the text must be is asked of the type.
#[derive(Debug)]
pub(crate) struct Unreadable;

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("is not acceptable")
    }
}

impl std::error::Error for Unreadable {}

impl serde::de::Error for Unreadable {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

/// A floating-point number; JSON has no infinity either.
pub(super) fn finite(text: &str) -> Result<f64, Unreadable> {
    text.parse().ok().filter(|number: &f64| number.is_finite()).ok_or(Unreadable)
}
