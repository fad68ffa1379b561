//! What is known of a guarded connection, and what its statements tell.

use sqlx::SqlStr;

use super::database::{Damage, SqlDatabase};
use super::fault::Fault;
use super::held::{Held, Hold};
use super::lease::Lease;
use super::text::Residue;
use super::told::Sent;
use crate::data::Kind;
use crate::data::error::Earlier;
use crate::data::unit::Seen;

/// What a connection would be left in, if it were dropped now.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct State {
    /// `BEGIN` was sent, and neither `COMMIT` nor `ROLLBACK` was acknowledged.
    pub(super) armed: bool,
    /// Something was done out of a transaction that may have begun one.
    pub(super) unwatched: bool,
    pub(super) statement: Progress,
    /// What the session may have kept.
    pub(super) residue: Residue,
    /// A transaction was begun for one statement that only reads.
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

/// How far the last statement came.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Progress {
    #[default]
    Ended,
    /// It was sent, and nothing came back. Dropped here, nobody knows what it did; and drivers lose step in the middle
    /// of a preparation: on MySQL, the next statement would be given the answer to this one.
    Sent,
    /// Its rows are coming. Dropped here, the driver skips the rest.
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

    /// Whether a statement was dropped of which nobody knows what it did. Asked between statements.
    pub(super) const fn gave_up(self) -> bool {
        matches!(self.statement, Progress::Sent)
    }
}

/// Why the transaction may have ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Suspect {
    #[default]
    No,
    /// A statement failed.
    Failed,
    /// Something was done that is not watched. A savepoint was set before: it is there as long as the transaction is.
    Marked,
}

/// A connection, and what is known of it.
pub(super) struct Parts<'a, DB: SqlDatabase> {
    pub(super) connection: &'a mut DB::Connection,
    pub(super) watch: Watch<'a>,
    pub(super) lease: &'a Lease<DB>,
}

/// What a statement tells the guard.
pub(super) struct Watch<'a> {
    pub(super) state: &'a mut State,
    pub(super) seen: &'a mut Seen,
    pub(super) suspect: &'a mut Suspect,
    pub(super) held: &'a mut Held,
    pub(super) first: &'a mut Option<Earlier>,
}

impl Watch<'_> {
    /// What an error holds for which the work may be run again.
    pub(super) fn hold<DB: SqlDatabase>(&mut self, error: &sqlx::Error) -> Option<Hold> {
        Fault::of_driver::<DB>(error).kind.is_retryable().then(|| self.held.hold())
    }

    /// The statement ended.
    pub(super) fn ended<DB: SqlDatabase, T>(&mut self, outcome: &Result<T, sqlx::Error>) {
        self.state.statement = Progress::Ended;
        if let Err(error) = outcome {
            self.note::<DB>(error, Fault::of_driver::<DB>(error));
        }
    }

    /// The server has looked at a text, and run nothing.
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
    pub(super) fn note<DB: SqlDatabase>(&mut self, error: &sqlx::Error, fault: Fault) {
        let kind = fault.kind;
        self.seen.last = Some(kind);
        self.state.stale |= kind == Kind::StaleStatement;
        if kind.is_retryable() {
            self.seen.retryable = Some(kind);
        }
        if is_broken(error) || matches!(kind, Kind::ConnectionLost | Kind::TransactionTimeout) {
            // Whatever the connection was in, it is of no use any more.
            self.state.statement = Progress::Sent;
            self.seen.doomed.get_or_insert(kind);
        } else if self.state.armed && matches!(error, sqlx::Error::Database(_)) {
            self.damage(DB::damage(kind), kind);
        }
        let may_end_it = self.seen.doomed.is_some() || *self.suspect != Suspect::No;
        if may_end_it && kind != Kind::Aborted && self.first.is_none() {
            *self.first = Some(fault.earlier(error));
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
        // After a number of values that does not fit, MySQL's driver waits for an answer to what it has not sent.
        sqlx::Error::Io(_) | sqlx::Error::Protocol(_) | sqlx::Error::WorkerCrashed => true,
        // Class 08 are connections, whatever the reason was; but `PostgreSQL` refuses a single message with 08P01.
        sqlx::Error::Database(error) => error.code().is_some_and(|code| code.starts_with("08") && code != "08P01"),
        _ => false,
    }
}
