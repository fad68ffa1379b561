use std::time::Duration;

use super::Retry;

/// How a transaction is run. The default is right for most: the database's own isolation, no deadline, a few retries.
///
/// ```
/// use std::time::Duration;
///
/// use buttress::data::{Isolation, Options, Retry};
///
/// const TRANSFER: Options = Options::new()
///     .named("transfer")
///     .isolation(Isolation::Serializable)
///     .deadline(Duration::from_secs(2))
///     .retry(Retry::new().attempts(8));
/// ```
#[derive(Debug, Clone, Copy)]
#[must_use]
pub struct Options {
    pub(crate) name: &'static str,
    pub(crate) isolation: Option<Isolation>,
    pub(crate) read_only: bool,
    pub(crate) deferrable: bool,
    pub(crate) deadline: Option<Duration>,
    pub(crate) retry: Retry,
    pub(crate) resolvable: bool,
    pub(crate) idempotent: bool,
    /// Statements that were prepared before are not used: one of them was refused.
    pub(crate) fresh: bool,
}

/// How much transactions that run at the same time may see of one another.
///
/// These are the anomalies that each level lets happen, shown on PostgreSQL 15, MariaDB 10.11 and SQLite 3. Where nothing
/// stands, somebody waits or fails with an error for which the work is run again.
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
/// RR* is MariaDB with `innodb_snapshot_isolation`, which the connections of `Store::connect` have, and all from 11.6.2
/// on. MySQL has no such thing: what is read with `FOR UPDATE`, or written, may be newer there than what was
/// read before. SQLite and the [memory](super::Memory) have one writer at a time, whatever the level.
///
/// So `Serializable` keeps every decision safe that rests on what was read. Without it, a decision is safe if all that it
/// rests on is read with `FOR UPDATE`, and is there to be locked.
///
/// No level keeps transactions from waiting for one another: lock rows in [one order](Retry#lock-rows-in-one-order).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Isolation {
    /// RC: each statement sees what was committed before it. PostgreSQL's default.
    ReadCommitted,
    /// RR: all statements see what was committed before the first. MariaDB's and MySQL's default.
    RepeatableRead,
    /// S: as if the transactions had run one after the other. PostgreSQL finds out who must try again; MariaDB and MySQL
    /// lock whatever is read.
    Serializable,
}

impl Options {
    /// The defaults.
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

    /// The name of the transaction's span, and of the events about it.
    pub const fn named(mut self, name: &'static str) -> Self {
        self.name = name;
        self
    }

    /// The isolation level, in place of the database's default.
    pub const fn isolation(mut self, isolation: Isolation) -> Self {
        self.isolation = Some(isolation);
        self
    }

    /// Only reads: the database refuses writes, which are a mistake of the program (a 500). SQLite uses one of its readers, and so waits for no writer; it sees one moment throughout. There is
    /// nothing in it to be done twice, so an unknown commit is tried again.
    pub const fn read_only(mut self) -> Self {
        self.read_only = true;
        self
    }

    /// With `Serializable` and `read_only`, `PostgreSQL` waits for a moment at which the transaction can neither fail
    /// nor make others fail. Other databases have no such thing and ignore it.
    pub const fn deferrable(mut self) -> Self {
        self.deferrable = true;
        self
    }

    /// How long the transaction may take, retries included. What runs at that moment is given up, and the transaction
    /// is rolled back; a commit that was begun is waited for, and after-commit hooks go on by themselves. SQLite is stopped
    /// in what it does, unless it waits for another process: that ends with the connection's `busy_timeout`. `PostgreSQL` is
    /// told to end a statement by then, too: in the transaction, the deadline takes the place of its `statement_timeout`.
    pub const fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = Some(deadline);
        self
    }

    /// How often, and after which pauses, the work is tried.
    pub const fn retry(mut self, retry: Retry) -> Self {
        self.retry = retry;
        self
    }

    /// Asks `PostgreSQL` for the transaction's id at its begin, at the price of a round trip. If then the commit is cut,
    /// the transaction asks what became of it instead of ending as unknown; and if nobody answers, the error's
    /// [`transaction_id`](super::Error::transaction_id) can be [resolved](super::Store::resolve) later. Other databases
    /// cannot tell, and ignore it.
    pub const fn resolvable(mut self) -> Self {
        self.resolvable = true;
        self
    }

    /// The work does no harm when it is done twice: an unknown commit is tried again, too. If that fails, it stays unknown.
    pub const fn idempotent(mut self) -> Self {
        self.idempotent = true;
        self
    }
}

impl Default for Options {
    fn default() -> Self {
        Self::new()
    }
}
