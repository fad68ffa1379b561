//! The part of a driver's message that may be kept.

use std::error::Error as StdError;
use std::fmt::{self, Write as _};

use sqlx::error::DatabaseError;
use sqlx::migrate::MigrateError;

use crate::problem::Cause;
use crate::sql::classification::{Classification, Quotes};
use crate::sql::error::guard_error;
use crate::sql::error::message::{Names, Words};
use crate::sql::error::sent::Sent;
use crate::store::Earlier;

/// The driver's error, as the source of an [`Error`](crate::store::Error).
///
/// Databases quote values in their messages (`Duplicate entry 'ann@example.com' for key …`). So the error shows only
/// the code, and the message up to its first quote or colon, without numbers. There are three exceptions:
/// - It shows nothing of a message that a trigger or a routine of the schema raised.
/// - It shows a message that quotes only names of the schema or of the address to its end. Of the names, it shows those
///   that stand in the statement, the constraint's and the database's.
/// - If a message quotes names and no values (`relation "orders" does not exist`), it shows those names that stand
///   in the text of the statement outside literals, provided that this text is a `&'static str` or a
///   [`Statement`](crate::sql::Statement).
///
/// A program can get the whole error with [`driver`](Self::driver).
pub struct DriverError {
    error: sqlx::Error,
    cause: Cause,
    /// The first failure of the transaction, if the driver says only that there was one.
    first: Option<Earlier>,
}

impl DriverError {
    pub(in crate::sql) const fn new(error: sqlx::Error, cause: Cause, first: Option<Earlier>) -> Self {
        Self { error, cause, first }
    }

    /// The driver's error as it is. Its text may hold values that a client sent.
    #[must_use]
    pub const fn driver(&self) -> &sqlx::Error {
        &self.error
    }
}

/// The surrounding error shows the message of the driver.
impl fmt::Display for DriverError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("reported by the driver")
    }
}

/// As much of an error's text as holds no value.
pub(in crate::sql) fn shown(error: &sqlx::Error, fault: &Classification) -> String {
    let mut shown = String::new();
    // Writing to a String cannot fail.
    let _ = show(error, fault, &mut shown);
    shown
}

fn show(error: &sqlx::Error, fault: &Classification, shown: &mut String) -> fmt::Result {
    match error {
        sqlx::Error::Database(error) => database(&**error, fault, shown),
        sqlx::Error::Migrate(error) => match &**error {
            MigrateError::Execute(error) => show(error, fault, shown),
            MigrateError::ExecuteMigration(error, version) => {
                write!(shown, "migration {version}: ")?;
                show(error, fault, shown)
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

fn database(error: &dyn DatabaseError, fault: &Classification, shown: &mut String) -> fmt::Result {
    if guard_error::classify(error).is_some() {
        return shown.write_str(guard_error::why(error));
    }
    if let Some(code) = crate::sql::code_of_any(error) {
        write!(shown, "{code}: ")?;
    }
    let sent = Sent::answered_by(error).filter(|sent| sent.is_fixed());
    match (fault.quotes, sent) {
        (Quotes::Anything, _) => shown.write_str("raised by the schema"),
        (Quotes::Names, Some(sent)) if !runs_texts(&sent.text().words()) => names(error, sent, true, shown),
        (Quotes::NamesAt(place), Some(sent)) if sent.text().is_word_at(place) => names(error, sent, false, shown),
        (Quotes::Schema, sent) => {
            let known: Vec<_> =
                sent.map(|sent| sent.text().words()).into_iter().flatten().chain(fault.known()).collect();
            write!(shown, "{}", Names { message: error.message(), known: &known, after_colon: false, goes_on: true })
        }
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
    write!(shown, "{}", Names { message, known: &known, after_colon, goes_on: false })?;
    let is_missing = message.starts_with("no such table") || matches!(error.code().as_deref(), Some("42P01" | "42S02"));
    if is_missing && known.iter().any(|word| word.starts_with("buttress_outbox") && message.contains(word)) {
        shown.write_str("; the outbox has no tables before `Outbox::migrate` is called")?;
    }
    Ok(())
}

impl fmt::Debug for DriverError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DriverError({})", self.cause.why)
    }
}

impl StdError for DriverError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(self.first.as_ref().map_or(&self.cause as _, |first| first as _))
    }
}
