//! Statements that are written once and run on every SQL database: their parts, their values and their rows.

mod build;
pub(super) mod column;
mod mistake;
mod output;
mod template;
mod text;
pub(super) mod value;

use std::fmt;

use self::column::sealed::Columns;

pub use self::build::{RowValues, Statement, sql};
pub use self::column::{Column, ColumnIndex, FromColumn};
#[cfg(fuzzing)]
pub(super) use self::text::placeholders;
pub use self::value::{IntoValue, ToValue, Value, ValueType};

/// A row of an answer, as its database gave it. See [statements](crate::sql#statements).
pub struct Row(pub(super) Rows);

pub(super) enum Rows {
    #[cfg(feature = "postgres")]
    Postgres(sqlx::postgres::PgRow),
    #[cfg(feature = "mysql")]
    MySql(sqlx::mysql::MySqlRow),
    #[cfg(feature = "sqlite")]
    Sqlite(sqlx::sqlite::SqliteRow),
}

impl Row {
    fn columns(&self) -> &dyn Columns {
        match self.0 {
            #[cfg(feature = "postgres")]
            Rows::Postgres(ref row) => row,
            #[cfg(feature = "mysql")]
            Rows::MySql(ref row) => row,
            #[cfg(feature = "sqlite")]
            Rows::Sqlite(ref row) => row,
        }
    }
}

/// Shows the names of its columns, and not their values.
impl fmt::Debug for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let columns = self.columns();
        f.debug_list().entries((0..).map_while(|at| columns.name(at))).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_of_it_can_be_sent_and_shared() {
        fn shared<T: Send + Sync>() {}
        shared::<Statement<'_>>();
        shared::<RowValues<'_>>();
        shared::<Row>();
        shared::<Column<'_>>();
    }

    #[test]
    fn a_value_is_not_shown() {
        let statement = sql("SELECT ?").bind("secret").push_list(["secret"]);
        let text = format!("{statement:?}");
        assert!(text.contains("SELECT ?") && text.contains("Text") && !text.contains("secret"), "{text}");
    }
}
