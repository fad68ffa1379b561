//! The known state of a guarded connection, and how its statements update it.

use sqlx::SqlStr;

use crate::sql::classification::Classification;
use crate::sql::dialect::{Damage, SqlDatabase};
use crate::sql::error::live_errors::{LiveError, LiveErrors};
use crate::sql::error::sent::Sent;
use crate::sql::source::ConnectionSource;
use crate::sql::text::Residue;
use crate::store::unit::Seen;
use crate::store::{Earlier, ErrorKind};

/// The state in which the connection would be left if it were dropped now.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::sql) struct State {
    /// `BEGIN` was sent, and neither `COMMIT` nor `ROLLBACK` was acknowledged.
    pub(in crate::sql) armed: bool,
    /// A statement outside a transaction may have begun one.
    pub(in crate::sql) unwatched: bool,
    pub(in crate::sql) statement: Progress,
    /// The changes that statements may have left in the session.
    pub(in crate::sql) residue: Residue,
    /// A transaction was begun for one statement of a read-only session.
    pub(in crate::sql) reading: bool,
    /// A transaction was begun for one statement, which needs one behind a pooler, and has not ended.
    pub(in crate::sql) alone: bool,
    /// The connection was kept from writing.
    pub(in crate::sql) forbidden: bool,
    /// Each statement is known to be a transaction of its own.
    pub(in crate::sql) established: bool,
    /// The server has refused a statement that the driver keeps, and would refuse it again.
    pub(in crate::sql) stale: bool,
}

/// How far the last statement got.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::sql) enum Progress {
    #[default]
    Ended,
    /// It was sent, and nothing came back. If it is dropped here, its effect is unknown. Drivers also get out of step
    /// in the middle of a preparation: on MySQL, the next statement would get the answer to this one.
    Sent,
    /// Its rows are coming. If it is dropped here, the driver skips the rest.
    Answering,
}

impl State {
    /// The transaction ended, and the server has said so.
    pub(in crate::sql) const fn ended(&mut self) {
        self.armed = false;
        self.statement = Progress::Ended;
    }

    /// Whether the connection is in no transaction and not in the middle of a statement.
    pub(in crate::sql) fn is_clean(self) -> bool {
        !self.armed && !self.unwatched && !self.alone && !self.stale && self.statement == Progress::Ended
    }

    /// Whether a statement with an unknown effect was dropped. Asked between statements.
    pub(in crate::sql) const fn gave_up(self) -> bool {
        matches!(self.statement, Progress::Sent)
    }
}

/// The reason why the transaction may have ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::sql) enum Suspect {
    #[default]
    No,
    /// A statement failed.
    Failed,
    /// An unwatched operation was done. A savepoint was set before: it exists as long as the transaction does.
    Probed,
}

/// A connection, and its known state.
pub(in crate::sql) struct Parts<'a, DB: SqlDatabase> {
    pub(in crate::sql) connection: &'a mut DB::Connection,
    pub(in crate::sql) watch: Watch<'a>,
    pub(in crate::sql) source: &'a ConnectionSource<DB>,
}

/// The part of the guard that statements update.
pub(in crate::sql) struct Watch<'a> {
    pub(in crate::sql) state: &'a mut State,
    pub(in crate::sql) seen: &'a mut Seen,
    pub(in crate::sql) suspect: &'a mut Suspect,
    pub(in crate::sql) held: &'a mut LiveErrors,
    pub(in crate::sql) first: &'a mut Option<Earlier>,
}

impl Watch<'_> {
    /// The part that a retryable error holds: as long as it exists, the work may be returning the error to the retry
    /// loop.
    pub(super) fn hold<DB: SqlDatabase>(&mut self, error: &sqlx::Error) -> Option<LiveError> {
        Classification::of_driver::<DB>(error).kind.is_retryable().then(|| self.held.hold())
    }

    /// The statement ended.
    pub(in crate::sql) fn ended<DB: SqlDatabase, T>(&mut self, outcome: &Result<T, sqlx::Error>) {
        self.state.statement = Progress::Ended;
        if let Err(error) = outcome {
            self.note::<DB>(error, Classification::of_driver::<DB>(error));
        }
    }

    /// The server has parsed a text, and run nothing.
    pub(super) fn looked_at<DB: SqlDatabase, T>(
        &mut self,
        sql: SqlStr,
        outcome: Result<T, sqlx::Error>,
    ) -> Result<T, sqlx::Error> {
        let outcome = outcome.map_err(|error| {
            let hold = self.hold::<DB>(&error);
            Sent::only_looked_at::<DB>(sql).told::<DB>(error, hold, self.first.as_ref())
        });
        self.ended::<DB, _>(&outcome);
        outcome
    }

    /// Notes what a statement failed with.
    pub(in crate::sql) fn note<DB: SqlDatabase>(&mut self, error: &sqlx::Error, fault: Classification) {
        let kind = fault.kind;
        self.seen.last = Some(kind);
        self.state.stale |= kind == ErrorKind::StaleStatement;
        if kind.is_retryable() {
            self.seen.retryable = Some(kind);
        }
        if is_broken(error) || matches!(kind, ErrorKind::ConnectionLost | ErrorKind::TransactionTimeout) {
            // Whatever state the connection was in, it is of no more use.
            self.state.statement = Progress::Sent;
            self.seen.doomed.get_or_insert(kind);
        } else if self.state.armed && matches!(error, sqlx::Error::Database(_)) {
            self.damage(DB::damage(kind), kind);
        }
        let may_end_it = self.seen.doomed.is_some() || *self.suspect != Suspect::No;
        if may_end_it && kind != ErrorKind::Aborted && self.first.is_none() {
            *self.first = Some(fault.earlier(error));
        }
    }

    fn damage(&mut self, damage: Damage, kind: ErrorKind) {
        match damage {
            Damage::None => {}
            Damage::Over => {
                self.seen.doomed.get_or_insert(kind);
            }
            Damage::Suspect if *self.suspect == Suspect::No => *self.suspect = Suspect::Failed,
            Damage::Suspect => {}
        }
    }
}

fn is_broken(error: &sqlx::Error) -> bool {
    match error {
        // If the number of values does not fit, MySQL's driver waits for an answer to a message that it has not sent.
        sqlx::Error::Io(_) | sqlx::Error::Protocol(_) | sqlx::Error::WorkerCrashed => true,
        // Class 08 means that the connection is lost, except for 08P01, with which `PostgreSQL` refuses a single
        // message.
        sqlx::Error::Database(error) => error.code().is_some_and(|code| code.starts_with("08") && code != "08P01"),
        _ => false,
    }
}
