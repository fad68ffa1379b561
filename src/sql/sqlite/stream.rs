//! Sending statements to SQLite's driver, and making sure that it has answered.

use futures_core::stream::BoxStream;
use futures_util::TryStreamExt as _;
use sqlx::{Connection as _, Execute, Executor, Sqlite, SqliteConnection};
use sqlx_core::transaction::TransactionManager as _;

use super::frame::{Frame, is_within};
use crate::sql::dialect::Step;
use crate::sql::query::{Given, Taken};

/// Runs a query.
pub(super) fn fetch_many<'e, 'q: 'e>(
    connection: &'e mut SqliteConnection,
    query: impl Execute<'q, Sqlite> + 'q,
) -> BoxStream<'e, Result<Step<Sqlite>, sqlx::Error>> {
    let query = Taken::of(query);
    let several = is_several(query.sql.as_str());
    let open = <Sqlite as sqlx::Database>::TransactionManager::get_transaction_depth(connection) > 0;
    match Frame::around(query.sql.as_str(), open, several) {
        Some(frame) => framed(connection, query, frame, several),
        None if several => framed(connection, query, Frame::NONE, several),
        None => Executor::fetch_many(connection, Given(query)),
    }
}

/// Runs a query with the statements around it.
fn framed<'e>(
    connection: &'e mut SqliteConnection,
    query: Taken<Sqlite>,
    mut frame: Frame,
    several: bool,
) -> BoxStream<'e, Result<Step<Sqlite>, sqlx::Error>> {
    Box::pin(sqlx_core::try_stream! {
        let spare = frame.begin.map(|_| query.clone());
        let mut query = frame.text(query);
        let failed = loop {
            let failed = {
                let mut steps = Executor::fetch_many(&mut *connection, Given(query));
                loop {
                    match steps.try_next().await {
                        Ok(Some(step)) => {
                            if let Some(step) = frame.inside(step) {
                                r#yield!(step);
                            }
                        }
                        Ok(None) => break None,
                        Err(error) => break Some(error),
                    }
                }
            };
            match (failed, &spare) {
                // A transaction is open that the driver does not know of.
                (Some(error), Some(spare)) if is_within(&error) && frame.results == 0 => {
                    frame = Frame::LOOK;
                    query = frame.text(spare.clone());
                }
                (failed, _) => break failed,
            }
        };
        if let Some(error) = failed {
            return Err(frame.undo(connection, error).await);
        }
        // The result of one statement says nothing about the next.
        if (several || frame.is_open()) && !is_there(connection).await {
            return Err(sqlx::Error::WorkerCrashed);
        }
        frame.close(connection).await?;
        if let Some(result) = frame.held {
            r#yield!(result);
        }
        Ok(())
    })
}

/// Whether the thread of a connection still works, once it has finished its current work.
///
/// A command that arrives at the moment when the thread ends is never answered, not even with an error. But the lock is
/// free only after the thread has stopped taking commands, and from then on a ping fails at once.
pub(super) async fn is_there(connection: &mut SqliteConnection) -> bool {
    connection.lock_handle().await.is_ok() && connection.ping().await.is_ok()
}

/// Whether the text may be several statements. May be wrong for a semicolon in a literal, which does no harm.
fn is_several(sql: &str) -> bool {
    memchr::memchr(b';', sql.as_bytes()).is_some_and(|at| {
        sql.get(at..).is_some_and(|behind| behind.contains(|char: char| char != ';' && !char.is_whitespace()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_statements_are_told_by_a_semicolon() {
        for (sql, several) in [
            ("SELECT a FROM t", false),
            ("SELECT 1; SELECT 2", true),
            ("SELECT ';'", true),
            ("SELECT 1;; ;\n", false),
            ("", false),
        ] {
            assert_eq!(is_several(sql), several, "{sql}");
        }
    }
}
