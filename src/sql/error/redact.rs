//! The part of a driver's message that may be kept.

use std::error::Error as StdError;
use std::fmt::{self, Write as _};

use sqlx::error::DatabaseError;
use sqlx::migrate::MigrateError;

use crate::problem::Cause;
use crate::sql::error::guard;
use crate::sql::error::message::{Names, Words};
use crate::sql::error::statement::Sent;
use crate::sql::fault::Quotes;

/// The driver's error, as the source of an [`Error`](crate::store::Error).
///
/// Databases quote values in their messages (`Duplicate entry 'ann@example.com' for key …`). What the error shows of it
/// is the code, and the message up to its first quote or colon, without numbers; nothing of a message that a trigger or
/// a routine of the schema raised. Where a message quotes names and no values (`relation "orders" does not exist`), it
/// shows those that stand in the text of the statement outside of literals, if that text is a `&'static str` or a
/// [`Statement`](crate::sql::Statement). The whole is for a program that [asks](Self::driver).
pub struct DriverError {
    error: sqlx::Error,
    shown: String,
    cause: Cause,
}

impl DriverError {
    pub(in crate::sql) fn new(error: sqlx::Error, quotes: Quotes, cause: Cause) -> Self {
        let mut shown = String::new();
        // Writing to a `String` cannot fail.
        let _ = show(&error, quotes, &mut shown);
        Self { error, shown, cause }
    }

    /// The driver's error as it is. Its text may hold values that a client sent.
    #[must_use]
    pub const fn driver(&self) -> &sqlx::Error {
        &self.error
    }

    /// The part of its text that holds no value.
    pub(in crate::sql) fn shown(&self) -> &str {
        &self.shown
    }
}

/// The surrounding error shows the message of the driver.
impl fmt::Display for DriverError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("reported by the driver")
    }
}

fn show(error: &sqlx::Error, quotes: Quotes, shown: &mut String) -> fmt::Result {
    match error {
        sqlx::Error::Database(error) => database(&**error, quotes, shown),
        sqlx::Error::Migrate(error) => match &**error {
            MigrateError::Execute(error) => show(error, quotes, shown),
            MigrateError::ExecuteMigration(error, version) => {
                write!(shown, "migration {version}: ")?;
                show(error, quotes, shown)
            }
            other => write!(shown, "{other}"),
        },
        sqlx::Error::ColumnDecode { index, .. } => write!(shown, "column {index} cannot be decoded"),
        sqlx::Error::Decode(_) => shown.write_str("a value cannot be decoded"),
        sqlx::Error::Encode(_) => shown.write_str("a value cannot be encoded"),
        sqlx::Error::Configuration(_) => shown.write_str("the address or an option of it is wrong"),
        other => write!(shown, "{other}"),
    }
}

fn database(error: &dyn DatabaseError, quotes: Quotes, shown: &mut String) -> fmt::Result {
    if guard::fault(error).is_some() {
        return shown.write_str(error.message());
    }
    if let Some(code) = crate::sql::code_of_any(error) {
        write!(shown, "{code}: ")?;
    }
    let sent = Sent::answered_by(error).filter(|sent| sent.is_fixed());
    match (quotes, sent) {
        (Quotes::Anything, _) => shown.write_str("raised by the schema"),
        (Quotes::Names, Some(sent)) if !runs_texts(&sent.text().words()) => names(error, sent, true, shown),
        (Quotes::NamesAt(place), Some(sent)) if sent.text().is_word_at(place) => names(error, sent, false, shown),
        _ => write!(shown, "{}", Words(error.message())),
    }
}

/// Whether a statement may run or parse a text that it is given as a value. A quoted name may then come from that text.
fn runs_texts(words: &[&str]) -> bool {
    let runs = |word: &&str| ["CALL", "EXECUTE", "MATCH", "PREPARE"].iter().any(|runs| runs.eq_ignore_ascii_case(word));
    words.iter().any(runs)
}

fn names(error: &dyn DatabaseError, sent: &Sent, after_colon: bool, shown: &mut String) -> fmt::Result {
    let (message, known) = (error.message(), sent.text().words());
    let after_colon = after_colon && !message.ends_with("syntax error");
    write!(shown, "{}", Names { message, known: &known, after_colon })?;
    let is_missing = message.starts_with("no such table") || matches!(error.code().as_deref(), Some("42P01" | "42S02"));
    if is_missing && known.iter().any(|word| word.starts_with("buttress_outbox") && message.contains(word)) {
        shown.write_str("; the outbox has no tables before `Outbox::migrate` is called")?;
    }
    Ok(())
}

impl fmt::Debug for DriverError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DriverError({})", self.shown)
    }
}

impl StdError for DriverError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(&self.cause)
    }
}
