/// The kind of a failure, in the same terms for every database.
///
/// The table of a database's codes is in its own folder (`src/sql/postgres/mod.rs`, for instance). The response to a
/// client is decided in one place, by [`Error`](super::Error)'s `IntoProblem`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A unique or primary key is taken.
    UniqueViolation,
    /// A row that is referred to is missing, or a row that is to be deleted is still referred to.
    ForeignKeyViolation,
    /// A `CHECK` constraint is violated.
    CheckViolation,
    /// A column that must have a value got none.
    NotNullViolation,
    /// An exclusion constraint of `PostgreSQL` is violated.
    ExclusionViolation,
    /// A bound value is too long, out of range, of the wrong type, or in an encoding that cannot be stored.
    ///
    /// A failure that no input can cause is [`Other`](Self::Other):
    /// - an overflow in the statement's own arithmetic, a division by zero and the like. On SQLite, such an overflow
    ///   gives a fraction, which a column of whole numbers then refuses.
    /// - a refused value in a statement whose text is the program's own and to which no value was bound.
    /// - a bound number that is not finite.
    InvalidValue,

    /// Another transaction changed data that this one had read.
    Serialization,
    /// Two transactions waited for each other, and this one was chosen to fail.
    Deadlock,
    /// Another transaction held a lock for too long; for SQLite: the database is locked.
    LockTimeout,
    /// A statement that was prepared earlier is no longer valid: the tables were changed since, or the server has
    /// forgotten it. Nothing of it was run.
    StaleStatement,

    /// A statement took longer than it may, or was cancelled on the server.
    StatementTimeout,
    /// The server ended the session or the transaction because it was idle or too long.
    TransactionTimeout,
    /// A statement or a commit came after another statement of the same transaction had failed. The first failure is
    /// the source of this error.
    Aborted,
    /// The server ended the transaction by itself, for instance by the implicit commit of a statement that changes
    /// tables on MySQL; earlier writes may have been kept.
    TransactionLost,
    /// A write where only reading is possible: on a standby, or in a read-only session or transaction.
    ReadOnly,

    /// The connection broke, or could not be made.
    ConnectionLost,
    /// The server takes no more connections.
    TooManyConnections,
    /// The server is out of disk, memory or the like.
    OutOfResources,
    /// No connection of the pool became free in time.
    PoolExhausted,
    /// The pool is closed.
    PoolClosed,
    /// It is unknown whether the transaction was committed.
    UnknownCommit,

    /// A row that had to be there is not.
    RowNotFound,
    /// The work of a transaction took longer than its deadline.
    DeadlineExceeded,
    /// A second transaction inside the first, on a store that has one writer: it would wait for itself.
    WouldDeadlock,
    /// A session of one database was given to a repository of another.
    WrongStore,
    /// The request is not possible on this database, or at this point.
    Unsupported,
    /// A URL or an option cannot be used.
    Configuration,
    /// Anything else.
    Other,
}

impl ErrorKind {
    /// Whether the whole transaction may be run again after this failure: nothing of it was kept, and it may well
    /// succeed.
    #[must_use]
    pub const fn is_retryable(self) -> bool {
        matches!(
            self,
            Self::Serialization | Self::Deadlock | Self::LockTimeout | Self::StaleStatement | Self::ConnectionLost
        )
    }

    /// Whether a constraint of the schema is violated.
    #[must_use]
    pub const fn is_constraint_violation(self) -> bool {
        matches!(
            self,
            Self::UniqueViolation
                | Self::ForeignKeyViolation
                | Self::CheckViolation
                | Self::NotNullViolation
                | Self::ExclusionViolation
        )
    }

    /// The message of an error of this kind.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::UniqueViolation => "a unique key is taken",
            Self::ForeignKeyViolation => "a foreign key is violated",
            Self::CheckViolation => "a check does not hold",
            Self::NotNullViolation => "a value is missing",
            Self::ExclusionViolation => "an exclusion constraint does not hold",
            Self::InvalidValue => "a value cannot be stored",
            Self::Serialization => "the transaction met a concurrent change",
            Self::Deadlock => "the transaction was ended to resolve a deadlock",
            Self::LockTimeout => "a lock was not acquired in time",
            Self::StaleStatement => "a prepared statement is no longer valid",
            Self::StatementTimeout => "a statement took too long or was cancelled",
            Self::TransactionTimeout => "the server ended an idle or long transaction",
            Self::Aborted => "an earlier statement of this transaction failed",
            Self::TransactionLost => "the server ended the transaction by itself",
            Self::ReadOnly => "this session or transaction is read-only",
            Self::ConnectionLost => "the connection to the database is lost",
            Self::TooManyConnections => "the database takes no more connections",
            Self::OutOfResources => "the database is out of resources",
            Self::PoolExhausted => "no connection became free in time",
            Self::PoolClosed => "the pool is closed",
            Self::UnknownCommit => "it is not known whether the transaction was committed",
            Self::RowNotFound => "the row does not exist",
            Self::DeadlineExceeded => "the transaction took longer than its deadline",
            Self::WouldDeadlock => "a transaction inside one on the same one-writer store would wait for itself",
            Self::WrongStore => "this session belongs to another kind of store",
            Self::Unsupported => "the database cannot do this here",
            Self::Configuration => "the database cannot be used as configured",
            Self::Other => "the database failed",
        }
    }
}
