//! Sending statements to SQLite's driver, and making sure that it has answered.

use futures_core::stream::BoxStream;
use futures_util::TryStreamExt as _;
use sqlx::{Connection as _, Execute, Executor, Sqlite, SqliteConnection};
use sqlx_core::transaction::TransactionManager as _;

use super::frame::{Frame, is_within};
use crate::sql::dialect::Step;
use crate::sql::query::{Executable, OwnedQuery, read};
use crate::sql::text::Reading;

/// Runs a query; `reading` is what was read of its text, if it was.
pub(super) fn fetch_many<'e, 'q: 'e>(
    connection: &'e mut SqliteConnection,
    query: impl Execute<'q, Sqlite> + 'q,
    reading: Option<&Reading>,
) -> BoxStream<'e, Result<Step<Sqlite>, sqlx::Error>> {
    let query = OwnedQuery::of(query);
    let own = if reading.is_none() { Some(read::<Sqlite>(&query.sql)) } else { None };
    let Some(reading) = reading.or(own.as_ref()) else { return Executor::fetch_many(connection, Executable(query)) };
    let several = reading.has_several();
    let open = <Sqlite as sqlx::Database>::TransactionManager::get_transaction_depth(connection) > 0;
    match Frame::around(reading, open) {
        Some(frame) => framed(connection, query, frame, several),
        None if several => framed(connection, query, Frame::NONE, several),
        None => Executor::fetch_many(connection, Executable(query)),
    }
}

/// Runs a query with the statements around it.
fn framed<'e>(
    connection: &'e mut SqliteConnection,
    query: OwnedQuery<Sqlite>,
    mut frame: Frame,
    several: bool,
) -> BoxStream<'e, Result<Step<Sqlite>, sqlx::Error>> {
    Box::pin(sqlx_core::try_stream! {
        let spare = frame.begin.map(|_| query.clone());
        let mut query = frame.text(query);
        let failed = loop {
            let failed = {
                let mut steps = Executor::fetch_many(&mut *connection, Executable(query));
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
                // A transaction is open, and the driver does not know of it.
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
