//! The facts that a database's error holds besides its text.

use std::error::Error;
use std::fmt::{self, Write};

use sqlx::error::DatabaseError;

/// Appends ` (code 23505, constraint orders_customer_key, table orders)` to the text of a database's error. Names and a
/// code are safe to log; the `Debug` of the error would also show values of rows.
pub(super) fn write(error: &(dyn Error + 'static), text: &mut String) -> fmt::Result {
    // An `sqlx::Error` has a `DatabaseError` as its source, whatever wraps it.
    let Some(error) = error.downcast_ref::<Box<dyn DatabaseError>>() else { return Ok(()) };
    let code = error.code();
    let facts = [("code", code.as_deref()), ("constraint", error.constraint()), ("table", error.table())];
    let mut open = " (";
    for (name, value) in facts.into_iter().filter_map(|(name, value)| Some((name, value?))) {
        write!(text, "{open}{name} {value}")?;
        open = ", ";
    }
    text.write_str(if open == ", " { ")" } else { "" })
}
