use std::time::Duration;

use super::Retry;

/// How a transaction runs. The defaults suit most transactions: the database's own isolation level, no deadline, a few
/// retries.
///
/// ```
/// use std::time::Duration;
///
/// use buttress::store::{Isolation, TransactionOptions, Retry};
///
/// const TRANSFER: TransactionOptions = TransactionOptions::new()
///     .name("transfer")
///     .isolation(Isolation::Serializable)
///     .deadline(Duration::from_secs(2))
///     .retry(Retry::new().attempts(8));
/// ```
#[derive(Debug, Clone, Copy)]
#[must_use]
pub struct TransactionOptions {
    pub(crate) name: &'static str,
    pub(crate) isolation: Option<Isolation>,
    pub(crate) read_only: bool,
    pub(crate) deferrable: bool,
    pub(crate) deadline: Option<Duration>,
    pub(crate) retry: Retry,
    pub(crate) resolvable: bool,
    pub(crate) idempotent: bool,
    /// Do not reuse statements that were prepared earlier: one of them was refused.
    pub(crate) fresh: bool,
}

/// How much concurrent transactions may see of one another.
///
/// The table lists the anomalies that each level allows, as shown on PostgreSQL 15, MariaDB 10.11 and SQLite 3. In an
/// empty cell, one of the transactions waits, or fails with an error that makes its work run again.
///
/// | | PostgreSQL | | | MariaDB | | | | SQLite |
/// |---|---|---|---|---|---|---|---|---|
/// | level (below) | RC | RR | S | RC | RR | RR* | S | any |
/// | dirty write | | | | | | | | |
/// | dirty read | | | | | | | | |
/// | read skew | yes | | | yes | | | | |
/// | phantom | yes | | | yes | | | | |
/// | lost update | yes | | | yes | yes | | | |
/// | write past the snapshot | yes | | | yes | yes | | | |
/// | write to a phantom | yes | | | yes | yes | | | |
/// | write skew | yes | yes | | yes | yes | yes | | |
/// | write skew by inserts | yes | yes | | yes | yes | yes | | |
/// | read-only anomaly | yes | yes | | yes | yes | yes | | |
///
/// RR* is MariaDB with `innodb_snapshot_isolation`: the connections of `Store::connect` set it, and from version 11.6.2
/// it is MariaDB's default. MySQL has no such setting: there, a row that is read with `FOR UPDATE`, or written, may be
/// newer than the rows that were read before. SQLite and the [memory](super::Memory) have one writer at a time,
/// whatever the level.
///
/// So `Serializable` protects every decision that rests on rows that were read. Without it, a decision is safe only if
/// every row that it rests on exists and is read with `FOR UPDATE`.
///
/// No level keeps transactions from waiting for one another: lock rows in [one order](Retry#lock-rows-in-one-order).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Isolation {
    /// RC: each statement sees everything that was committed before it. PostgreSQL's default.
    ReadCommitted,
    /// RR: all statements see what was committed before the first one. The default of MariaDB and MySQL.
    RepeatableRead,
    /// S: as if the transactions had run one after the other. PostgreSQL detects conflicts and makes a transaction
    /// retry; MariaDB and MySQL lock every row that is read.
    Serializable,
}

impl TransactionOptions {
    /// The default options.
    pub const fn new() -> Self {
        Self {
            name: "transaction",
            isolation: None,
            read_only: false,
            deferrable: false,
            deadline: None,
            retry: Retry::new(),
            resolvable: false,
            idempotent: false,
            fresh: false,
        }
    }

    /// The name of the transaction's span, and of the events about it. Defaults to `transaction`.
    pub const fn name(mut self, name: &'static str) -> Self {
        self.name = name;
        self
    }

    /// The isolation level. Defaults to the database's own.
    pub const fn isolation(mut self, isolation: Isolation) -> Self {
        self.isolation = Some(isolation);
        self
    }

    /// Makes the transaction read-only. The database refuses writes; such a write is a mistake of the program (a 500).
    /// On SQLite, the transaction uses one of the readers, so it waits for no writer; it sees one snapshot throughout.
    /// A read-only transaction has no effects that could happen twice, so an unknown commit is retried.
    pub const fn read_only(mut self) -> Self {
        self.read_only = true;
        self
    }

    /// With `Serializable` and `read_only`, `PostgreSQL` waits for a moment at which the transaction can neither fail
    /// nor make others fail. Other databases have no such mode and ignore this.
    pub const fn deferrable(mut self) -> Self {
        self.deferrable = true;
        self
    }

    /// How long the transaction may take, retries included. Defaults to no deadline. The statement that runs at the
    /// deadline is given up, and the transaction is rolled back. A commit that has begun is waited for, and
    /// after-commit hooks go on by themselves. SQLite is interrupted in its work, unless it waits for another process:
    /// that wait ends with the connection's `busy_timeout`. `PostgreSQL` is also told to end a statement by the
    /// deadline: in the transaction, the deadline takes the place of its `statement_timeout`.
    pub const fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = Some(deadline);
        self
    }

    /// How often the work is tried, and with which pauses. Defaults to [`Retry::new`].
    pub const fn retry(mut self, retry: Retry) -> Self {
        self.retry = retry;
        self
    }

    /// Asks `PostgreSQL` for the transaction's id when it begins, at the price of a round trip. If the commit is then
    /// cut off, the transaction asks the server what became of it instead of ending as unknown. If the server does not
    /// answer, the error's [`transaction_id`](super::Error::transaction_id) can be [resolved](super::Store::resolve)
    /// later. Other databases cannot tell, and ignore this.
    pub const fn resolvable(mut self) -> Self {
        self.resolvable = true;
        self
    }

    /// Declares that the work does no harm when it is done twice: an unknown commit is retried, too. If the retry
    /// fails, the outcome stays unknown.
    pub const fn idempotent(mut self) -> Self {
        self.idempotent = true;
        self
    }
}

impl Default for TransactionOptions {
    fn default() -> Self {
        Self::new()
    }
}
