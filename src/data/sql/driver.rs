//! What of a driver's text may be kept.

use std::error::Error as StdError;
use std::fmt;

use sqlx::error::DatabaseError;
use sqlx::migrate::MigrateError;

/// What the driver said, as the source of an [`Error`](crate::data::Error).
///
/// Databases quote values in their messages (`Duplicate entry 'ann@example.com' for key …`). Its text shows the code,
/// and the message up to its first quote or colon, without numbers; nothing of a message that a trigger or a routine of
/// the schema raised. The whole is for a program that [asks](Self::driver).
pub struct DriverError {
    error: sqlx::Error,
    raised: bool,
}

impl DriverError {
    pub(super) const fn new(error: sqlx::Error, raised: bool) -> Self {
        Self { error, raised }
    }

    /// The driver's error as it is. Its text may hold values that a client sent.
    #[must_use]
    pub const fn driver(&self) -> &sqlx::Error {
        &self.error
    }
}

impl fmt::Display for DriverError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        show(&self.error, self.raised, f)
    }
}

fn show(error: &sqlx::Error, raised: bool, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match error {
        sqlx::Error::Database(error) => database(&**error, raised, f),
        sqlx::Error::Migrate(error) => match &**error {
            MigrateError::Execute(error) => show(error, raised, f),
            MigrateError::ExecuteMigration(error, version) => {
                write!(f, "migration {version}: ")?;
                show(error, raised, f)
            }
            other => write!(f, "{other}"),
        },
        sqlx::Error::ColumnDecode { index, .. } => write!(f, "column {index} cannot be decoded"),
        sqlx::Error::Decode(_) => f.write_str("a value cannot be decoded"),
        sqlx::Error::Encode(_) => f.write_str("a value cannot be encoded"),
        sqlx::Error::Configuration(_) => f.write_str("the address or an option of it is wrong"),
        other => write!(f, "{other}"),
    }
}

fn database(error: &dyn DatabaseError, raised: bool, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    if let Some(code) = error.code() {
        write!(f, "{code}: ")?;
    }
    if raised { f.write_str("raised by the schema") } else { write!(f, "{}", Words(error.message())) }
}

/// The words of a message up to its first value.
///
/// A value may hold any character and a long message may be cut, so nobody can tell where a quoted value ends; but it
/// begins after a quote of some language or a colon, or it is a number.
struct Words<'a>(&'a str);

impl fmt::Display for Words<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self
            .0
            .split(['\'', '"', '`', ':', '«', '»', '„', '“', '”', '‚', '‘', '’', '‹', '›', '「'])
            .next()
            .unwrap_or_default();
        for (i, word) in shown.split(' ').enumerate() {
            let space = if i == 0 { "" } else { " " };
            let word = if word.bytes().any(|byte| byte.is_ascii_digit()) { "…" } else { word };
            write!(f, "{space}{word}")?;
        }
        f.write_str(if shown.len() < self.0.len() { "…" } else { "" })
    }
}

impl fmt::Debug for DriverError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DriverError({self})")
    }
}

impl StdError for DriverError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_shown_up_to_its_first_value() {
        let cases = [
            ("Duplicate entry 'ann@x' for key 'email'", "Duplicate entry …"),
            ("invalid input syntax for type integer: \"4x\"", "invalid input syntax for type integer…"),
            ("value too long for type character varying(3)", "value too long for type character …"),
            ("no such column: ann@x", "no such column…"),
            ("requested character too large for encoding: 1114112", "requested character too large for encoding…"),
            ("index -5 out of valid range, 0..3", "index … out of valid range, …"),
            ("Zeitzone »ann@x« nicht erkannt", "Zeitzone …"),
            ("database is locked", "database is locked"),
            ("", ""),
        ];
        for (message, shown) in cases {
            assert_eq!(Words(message).to_string(), shown);
        }
    }
}
