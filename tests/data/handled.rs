//! A failure that a savepoint has undone, and that the work has handled, is no reason to run all of the work again.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use buttress::sql::{Database, Tx};
use buttress::store::{Error, ErrorKind, Outcome, Retry, Session, TransactionOptions};
use sqlx::{Connection as _, Executor as _, MySql, Postgres, Sqlite, SqliteConnection};

use crate::support::statements::{insert, run, script};
use crate::support::{Failure, Fresh, TestDatabase};

const ATTEMPTS: u32 = 3;
const OPTIONS: TransactionOptions =
    TransactionOptions::new().retry(Retry::new().attempts(ATTEMPTS).backoff(Duration::ZERO, Duration::ZERO));

/// A database in which a lock is not to be had.
trait Busy: TestDatabase {
    /// Asks for it, and fails.
    const LOCKED: &'static str;

    /// The table `t`, and what it takes for the lock to be held.
    async fn setup() -> Setup<Self> {
        let fresh = Self::fresh(1).await;
        fresh.run(Self::TABLE).await;
        Setup { fresh, attach: None, holder: None }
    }
}

struct Setup<DB: TestDatabase> {
    fresh: Fresh<DB>,
    /// The statement with which a transaction begins.
    attach: Option<String>,
    /// The connection that holds the lock.
    holder: Option<Mutex<SqliteConnection>>,
}

impl<DB: Busy> Setup<DB> {
    /// The beginning of every attempt.
    async fn first(&self, tx: &mut Session) -> Result<(), Error> {
        if let Some(attach) = &self.attach {
            script::<DB>(tx, attach).await?;
        }
        insert::<DB>(tx, 1).await
    }

    async fn rows(&self) -> i64 {
        self.fresh.number("SELECT count(*) FROM t").await
    }

    async fn ends_clean(self) {
        drop(self.holder);
        self.fresh.pool_is_clean().await;
    }
}

impl Busy for Postgres {
    const LOCKED: &'static str = "DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '55P03'; END $$";
}

impl Busy for MySql {
    const LOCKED: &'static str = "SIGNAL SQLSTATE 'HY000' SET MYSQL_ERRNO = 1205";
}

impl Busy for Sqlite {
    const LOCKED: &'static str = "INSERT INTO other.t VALUES (1, 0)";

    /// A transaction for writing locks what is attached, too: it is attached inside of it.
    async fn setup() -> Setup<Self> {
        let fresh = Self::fresh(1).await;
        fresh.run(Self::TABLE).await;
        let other = fresh.dir.as_ref().unwrap().path().join("other.db").display().to_string();
        let mut holder = SqliteConnection::connect(&format!("sqlite:{other}?mode=rwc")).await.unwrap();
        holder.execute(Self::TABLE).await.unwrap();
        holder.execute("BEGIN IMMEDIATE").await.unwrap();
        // Its schema is read while nothing is attached: with the other file, it would be locked.
        Self::run(fresh.sql.pool(), "SELECT * FROM t").await.unwrap();
        let attach = format!("PRAGMA busy_timeout = 0; ATTACH '{other}' AS other");
        Setup { fresh, attach: Some(attach), holder: Some(Mutex::new(holder)) }
    }
}

/// It fails in a nested transaction.
async fn fail<DB: Busy>(tx: &mut Session) -> Error {
    let failed: Result<(), Error> = tx.transaction(async |tx| script::<DB>(tx, DB::LOCKED).await).await;
    let error = failed.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::LockTimeout);
    error
}

/// The reaction of the work to the failure.
#[derive(Debug, Clone, Copy)]
enum Then {
    /// Nothing: it decides for itself, and fails.
    ItsOwn,
    /// As much, after it has told of the failure.
    ItsOwnInWords,
    Statement,
    Nested,
    Unguarded,
    AnotherFailure,
    /// It fails with it.
    PassedOn,
    /// It fails with a second one, after the first.
    Again,
    /// It fails with it, through several savepoints.
    PassedOnFromWithin,
}

async fn then<DB: Busy>(tx: &mut Session, then: Then, failed: Error) -> Result<(), Failure> {
    match then {
        Then::ItsOwn => drop(failed),
        Then::ItsOwnInWords => assert!(!failed.to_string().is_empty()),
        Then::Statement => insert::<DB>(tx, 2).await?,
        Then::Nested => tx.transaction(async |_| Ok::<_, Error>(())).await?,
        Then::Unguarded => drop(tx.sql::<DB>().await?.unguarded().await?),
        Then::AnotherFailure => return Ok(insert::<DB>(tx, 1).await?),
        Then::PassedOn => return Err(failed.into()),
        Then::Again => {
            drop(failed);
            return Err(fail::<DB>(tx).await.into());
        }
        Then::PassedOnFromWithin => {
            drop(failed);
            let within = async |tx: &mut Session| {
                insert::<DB>(tx, 2).await?;
                Err::<(), _>(fail::<DB>(tx).await)
            };
            tx.transaction(within).await?;
        }
    }
    Err(Failure::Own)
}

/// The kind of an error; `None` for one of the work's own.
fn kind(ended: Result<(), Failure>) -> Option<ErrorKind> {
    match ended.unwrap_err() {
        Failure::Own => None,
        Failure::Data(error) => Some(error.kind()),
    }
}

async fn is_tried_again_only_if_it_is_passed_on<DB: Busy>() {
    let setup = DB::setup().await;
    for (what, ends) in [
        (Then::ItsOwn, (1, None)),
        (Then::ItsOwnInWords, (1, None)),
        (Then::Statement, (1, None)),
        (Then::Nested, (1, None)),
        (Then::Unguarded, (1, None)),
        (Then::AnotherFailure, (1, Some(ErrorKind::UniqueViolation))),
        (Then::PassedOn, (ATTEMPTS, Some(ErrorKind::LockTimeout))),
        (Then::Again, (ATTEMPTS, Some(ErrorKind::LockTimeout))),
        (Then::PassedOnFromWithin, (ATTEMPTS, Some(ErrorKind::LockTimeout))),
    ] {
        let attempts = AtomicU32::new(0);
        let work = async |tx: &mut Session| {
            attempts.fetch_add(1, Ordering::SeqCst);
            setup.first(tx).await?;
            let failed = fail::<DB>(tx).await;
            then::<DB>(tx, what, failed).await
        };
        let ended = kind(setup.fresh.store.with_options(OPTIONS).transaction(work).await);
        assert_eq!((attempts.into_inner(), ended), ends, "{what:?}");
        assert_eq!(setup.rows().await, 0, "{what:?}");
    }
    setup.ends_clean().await;
}

/// A failure that no savepoint has undone stands, whatever the work's own error is.
async fn is_tried_again_without_a_savepoint<DB: Busy>() {
    let setup = DB::setup().await;
    let attempts = AtomicU32::new(0);
    let work = async |tx: &mut Session| {
        attempts.fetch_add(1, Ordering::SeqCst);
        setup.first(tx).await?;
        assert!(script::<DB>(tx, DB::LOCKED).await.is_err());
        Err::<(), _>(Failure::Own)
    };
    assert_eq!(kind(setup.fresh.store.with_options(OPTIONS).transaction(work).await), None);
    assert_eq!(attempts.into_inner(), ATTEMPTS);
    setup.ends_clean().await;
}

/// The last attempt of work that is tried again is kept.
async fn is_kept_in_the_end<DB: Busy>() {
    let setup = DB::setup().await;
    let attempts = AtomicU32::new(0);
    let work = async |tx: &mut Session| {
        let attempt = attempts.fetch_add(1, Ordering::SeqCst) + 1;
        setup.first(tx).await?;
        let failed = fail::<DB>(tx).await;
        if attempt < ATTEMPTS { Err(failed) } else { Ok(()) }
    };
    setup.fresh.store.with_options(OPTIONS).transaction(work).await.unwrap();
    assert_eq!((attempts.into_inner(), setup.rows().await), (ATTEMPTS, 1));
    setup.ends_clean().await;
}

/// An error that holds the driver's own.
#[derive(Debug)]
enum Raw {
    Own,
    Driver(sqlx::Error),
    Data(Error),
}

impl From<Error> for Raw {
    fn from(error: Error) -> Self {
        Self::Data(error)
    }
}

#[tokio::test]
async fn postgres_an_error_of_the_driver_is_passed_on_as_well() {
    let setup = Postgres::setup().await;
    for (is_passed_on, expected) in [(true, ATTEMPTS), (false, 1)] {
        let attempts = AtomicU32::new(0);
        let work = async |tx: &mut Tx<Postgres>| {
            attempts.fetch_add(1, Ordering::SeqCst);
            let nested =
                async |tx: &mut Tx<Postgres>| tx.execute(Postgres::LOCKED).await.map(drop).map_err(Raw::Driver);
            let failed: Result<(), Raw> = tx.transaction(nested).await;
            if is_passed_on { failed } else { Err(Raw::Own) }
        };
        match setup.fresh.sql.transaction(OPTIONS, work).await.unwrap_err() {
            Raw::Own => assert!(!is_passed_on),
            Raw::Driver(error) => assert!(is_passed_on, "{error}"),
            Raw::Data(error) => panic!("{error}"),
        }
        assert_eq!(attempts.into_inner(), expected);
    }
    setup.ends_clean().await;
}

/// A failure from before the savepoint still counts when the savepoint is rolled back to.
#[tokio::test]
async fn mariadb_a_failure_from_before_the_savepoint_still_counts() {
    let setup = MySql::setup().await;
    let attempts = AtomicU32::new(0);
    let work = async |tx: &mut Session| {
        attempts.fetch_add(1, Ordering::SeqCst);
        assert!(script::<MySql>(tx, MySql::LOCKED).await.is_err());
        fail::<MySql>(tx).await;
        insert::<MySql>(tx, 1).await?;
        Err::<(), _>(Failure::Own)
    };
    assert_eq!(kind(setup.fresh.store.with_options(OPTIONS).transaction(work).await), None);
    assert_eq!(attempts.into_inner(), ATTEMPTS);
    setup.ends_clean().await;
}

/// A deadlock has undone everything, whatever a nested transaction does about it.
#[tokio::test]
async fn mariadb_a_deadlock_is_not_undone_by_a_savepoint() {
    const DEADLOCK: &str = "SIGNAL SQLSTATE '40001' SET MYSQL_ERRNO = 1213";

    let setup = MySql::setup().await;
    for goes_on in [true, false] {
        let attempts = AtomicU32::new(0);
        let work = async |tx: &mut Session| {
            let attempt = attempts.fetch_add(1, Ordering::SeqCst) + 1;
            run::<MySql>(tx, "DELETE FROM t").await?;
            insert::<MySql>(tx, 1).await?;
            if attempt < ATTEMPTS {
                let failed: Result<(), Error> = tx.transaction(async |tx| script::<MySql>(tx, DEADLOCK).await).await;
                assert!(failed.is_err());
                if !goes_on {
                    return Err(Failure::Own);
                }
                assert_eq!(insert::<MySql>(tx, 2).await.unwrap_err().kind(), ErrorKind::Aborted);
            }
            Ok(())
        };
        setup.fresh.store.with_options(OPTIONS).transaction(work).await.unwrap();
        assert_eq!((attempts.into_inner(), setup.rows().await), (ATTEMPTS, 1));
    }
    setup.ends_clean().await;
}

/// The commit fails for a reason of its own.
#[tokio::test]
async fn postgres_a_commit_that_fails_for_another_reason_is_not_tried_again() {
    let fresh = Postgres::fresh(1).await;
    fresh.run("CREATE TABLE t (id BIGINT PRIMARY KEY, n BIGINT NOT NULL UNIQUE DEFERRABLE INITIALLY DEFERRED)").await;
    for typed in [false, true] {
        let attempts = AtomicU32::new(0);
        let work = async |tx: &mut Session| {
            attempts.fetch_add(1, Ordering::SeqCst);
            insert::<Postgres>(tx, 1).await?;
            insert::<Postgres>(tx, 2).await?;
            fail::<Postgres>(tx).await;
            Ok::<_, Error>(())
        };
        let sql: &Database<Postgres> = &fresh.sql;
        let outcome = if typed {
            sql.try_transaction(OPTIONS, async |tx: &mut Tx<Postgres>| work(tx).await).await
        } else {
            fresh.store.with_options(OPTIONS).try_transaction(work).await
        };
        let Outcome::RolledBack(error) = outcome else { panic!("{outcome:?}") };
        assert_eq!((error.kind(), attempts.into_inner()), (ErrorKind::UniqueViolation, 1));
    }
    run::<Postgres>(&mut fresh.store.session(), "SELECT 1").await.unwrap();
    fresh.pool_is_clean().await;
}

/// Each of the tests on each database.
macro_rules! on_every_database {
    ($($test:ident;)*) => {$(
        mod $test {
            #[tokio::test]
            async fn postgres() {
                super::$test::<sqlx::Postgres>().await;
            }

            #[tokio::test]
            async fn mariadb() {
                super::$test::<sqlx::MySql>().await;
            }

            #[tokio::test]
            async fn sqlite() {
                super::$test::<sqlx::Sqlite>().await;
            }
        }
    )*};
}

on_every_database! {
    is_tried_again_only_if_it_is_passed_on;
    is_tried_again_without_a_savepoint;
    is_kept_in_the_end;
}
