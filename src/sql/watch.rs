//! The known state of a guarded connection, and how its statements update it.

use super::database::{Damage, SqlDatabase};
use super::fault::Fault;
use super::lease::Lease;
use super::text::Residue;
use crate::store::Kind;
use crate::store::unit::Seen;

/// The state in which the connection would be left if it were dropped now.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct State {
    /// `BEGIN` was sent, and neither `COMMIT` nor `ROLLBACK` was acknowledged.
    pub(super) armed: bool,
    /// A statement outside a transaction may have begun one.
    pub(super) unwatched: bool,
    pub(super) statement: Progress,
    /// The changes that statements may have left in the session.
    pub(super) residue: Residue,
    /// A transaction was begun for one statement of a read-only session.
    pub(super) reading: bool,
    /// A transaction was begun for one statement, which needs one behind a pooler, and has not ended.
    pub(super) alone: bool,
    /// The connection was kept from writing.
    pub(super) forbidden: bool,
    /// Each statement is known to be a transaction of its own.
    pub(super) established: bool,
    /// The server has refused a statement that the driver keeps, and would refuse it again.
    pub(super) stale: bool,
}

/// How far the last statement got.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Progress {
    #[default]
    Ended,
    /// It was sent, and nothing came back. If it is dropped here, its effect is unknown. Drivers also lose step in the
    /// middle of a preparation: on MySQL, the next statement would get the answer to this one.
    Sent,
    /// Its rows are coming. If it is dropped here, the driver skips the rest.
    Answering,
}

impl State {
    /// The transaction ended, and the server has said so.
    pub(super) const fn ended(&mut self) {
        self.armed = false;
        self.statement = Progress::Ended;
    }

    /// Whether the connection is in no transaction and not in the middle of a statement.
    pub(super) fn is_clean(self) -> bool {
        !self.armed && !self.unwatched && !self.alone && !self.stale && self.statement == Progress::Ended
    }

    /// Whether a statement with an unknown effect was dropped. Asked between statements.
    pub(super) const fn gave_up(self) -> bool {
        matches!(self.statement, Progress::Sent)
    }
}

/// The reason why the transaction may have ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Suspect {
    #[default]
    No,
    /// A statement failed.
    Failed,
    /// An unwatched operation was done. A savepoint was set before: it exists as long as the transaction does.
    Marked,
}

/// A connection, and its known state.
pub(super) struct Parts<'a, DB: SqlDatabase> {
    pub(super) connection: &'a mut DB::Connection,
    pub(super) watch: Watch<'a>,
    pub(super) lease: &'a Lease<DB>,
}

/// The part of the guard that statements update.
pub(super) struct Watch<'a> {
    pub(super) state: &'a mut State,
    pub(super) seen: &'a mut Seen,
    pub(super) suspect: &'a mut Suspect,
}

impl Watch<'_> {
    /// Records that the statement ended.
    pub(super) fn ended<DB: SqlDatabase, T>(&mut self, outcome: &Result<T, sqlx::Error>) {
        self.state.statement = Progress::Ended;
        if let Err(error) = outcome {
            self.note::<DB>(error, Fault::of_driver::<DB>(error).kind);
        }
    }

    /// Records the error of a statement.
    pub(super) fn note<DB: SqlDatabase>(&mut self, error: &sqlx::Error, kind: Kind) {
        self.seen.last = Some(kind);
        self.state.stale |= kind == Kind::StaleStatement;
        if kind.is_retryable() {
            self.seen.retryable = Some(kind);
        }
        if is_broken(error) || matches!(kind, Kind::ConnectionLost | Kind::TransactionTimeout) {
            // Whatever state the connection was in, it is of no more use.
            self.state.statement = Progress::Sent;
            self.seen.doomed.get_or_insert(kind);
        } else if self.state.armed && matches!(error, sqlx::Error::Database(_)) {
            self.damage(DB::damage(kind), kind);
        }
    }

    fn damage(&mut self, damage: Damage, kind: Kind) {
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
        // Class 08 is connections, for any reason; but `PostgreSQL` refuses a single message with 08P01.
        sqlx::Error::Database(error) => error.code().is_some_and(|code| code.starts_with("08") && code != "08P01"),
        _ => false,
    }
}
