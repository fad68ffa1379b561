//! A failure that a savepoint has undone, and that the work has handled, is no reason to run all of the work again.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use buttress::sql::{Sql, Tx};
use buttress::store::{Error, Kind, Options, Outcome, Retry, Session};
use sqlx::{MySql, Postgres};

use crate::support::statements::{insert, run, script};
use crate::support::{Failure, Fresh, TestDatabase};

const ATTEMPTS: u32 = 3;
const OPTIONS: Options = Options::new().retry(Retry::new().attempts(ATTEMPTS).pauses(Duration::ZERO, Duration::ZERO));

/// A failure from the server for which work is run again.
fn failing<DB: TestDatabase>() -> &'static str {
    match DB::NAME {
        "PostgreSQL" => "DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '55P03'; END $$",
        _ => "SIGNAL SQLSTATE 'HY000' SET MYSQL_ERRNO = 1205",
    }
}

/// Fails in a nested transaction, and ignores the error.
async fn handled<DB: TestDatabase>(tx: &mut Session) {
    let failed: Result<(), Error> = tx.transaction(async |tx| script::<DB>(tx, failing::<DB>()).await).await;
    assert_eq!(failed.unwrap_err().kind(), Kind::LockTimeout);
}

/// The next step of the work.
#[derive(Debug, Clone, Copy)]
enum Then {
    Statement,
    Nested,
    Unguarded,
    AnotherFailure,
    ItsOwn,
}

async fn then<DB: TestDatabase>(tx: &mut Session, then: Then) -> Result<(), Failure> {
    match then {
        Then::Statement => insert::<DB>(tx, 2).await?,
        Then::Nested => tx.transaction(async |_| Ok::<_, Error>(())).await?,
        Then::Unguarded => drop(tx.sql::<DB>().await?.unguarded().await?),
        Then::AnotherFailure => return Ok(insert::<DB>(tx, 1).await?),
        Then::ItsOwn => tx.transaction(async |tx| script::<DB>(tx, failing::<DB>()).await).await?,
    }
    Err(Failure::Own)
}

/// How often the work ran, and its error.
async fn run_work<DB: TestDatabase>(fresh: &Fresh<DB>, what: Then) -> (u32, Option<Kind>) {
    let attempts = AtomicU32::new(0);
    let work = async |tx: &mut Session| {
        attempts.fetch_add(1, Ordering::SeqCst);
        insert::<DB>(tx, 1).await?;
        handled::<DB>(tx).await;
        then::<DB>(tx, what).await
    };
    let ended: Result<(), Failure> = fresh.store.with(OPTIONS).transaction(work).await;
    match ended.unwrap_err() {
        Failure::Own => (attempts.into_inner(), None),
        Failure::Data(error) => (attempts.into_inner(), Some(error.kind())),
    }
}

async fn is_not_tried_again_when_the_work_fails_for_another_reason<DB: TestDatabase>() {
    let fresh = DB::fresh(1).await;
    fresh.run(DB::TABLE).await;
    for (what, ends) in [
        (Then::Statement, (1, None)),
        (Then::Nested, (1, None)),
        (Then::Unguarded, (1, None)),
        (Then::AnotherFailure, (1, Some(Kind::UniqueViolation))),
        (Then::ItsOwn, (ATTEMPTS, Some(Kind::LockTimeout))),
    ] {
        assert_eq!(run_work(&fresh, what).await, ends, "{what:?}");
    }
    assert_eq!(fresh.number("SELECT count(*) FROM t").await, 0);
    fresh.pool_is_clean().await;
}

/// A failure that passes through several savepoints on its way out is still the reason.
async fn is_tried_again_when_it_is_passed_on<DB: TestDatabase>() {
    let fresh = DB::fresh(1).await;
    fresh.run(DB::TABLE).await;
    let attempts = AtomicU32::new(0);
    let kept: Result<(), Error> = fresh
        .store
        .with(OPTIONS)
        .transaction(async |tx| {
            let attempt = attempts.fetch_add(1, Ordering::SeqCst) + 1;
            handled::<DB>(tx).await;
            tx.transaction(async |tx| {
                insert::<DB>(tx, 1).await?;
                tx.transaction(
                    async |tx| {
                        if attempt < ATTEMPTS { script::<DB>(tx, failing::<DB>()).await } else { Ok(()) }
                    },
                )
                .await
            })
            .await
        })
        .await;
    kept.unwrap();
    assert_eq!((attempts.into_inner(), fresh.number("SELECT count(*) FROM t").await), (ATTEMPTS, 1));
    fresh.pool_is_clean().await;
}

/// A failure from before the savepoint still counts when the savepoint is rolled back to.
#[tokio::test]
async fn mariadb_a_failure_from_before_the_savepoint_still_counts() {
    let fresh = MySql::fresh(1).await;
    fresh.run(MySql::TABLE).await;
    let attempts = AtomicU32::new(0);
    let ended: Result<(), Failure> = fresh
        .store
        .with(OPTIONS)
        .transaction(async |tx| {
            attempts.fetch_add(1, Ordering::SeqCst);
            assert!(script::<MySql>(tx, failing::<MySql>()).await.is_err());
            handled::<MySql>(tx).await;
            insert::<MySql>(tx, 1).await?;
            Err(Failure::Own)
        })
        .await;
    assert!(matches!(ended, Err(Failure::Own)));
    assert_eq!(attempts.into_inner(), ATTEMPTS);
    fresh.pool_is_clean().await;
}

/// A deadlock has undone everything, whatever a nested transaction does about it.
#[tokio::test]
async fn mariadb_a_deadlock_is_not_undone_by_a_savepoint() {
    let fresh = MySql::fresh(1).await;
    fresh.run(MySql::TABLE).await;
    let attempts = AtomicU32::new(0);
    let kept: Result<(), Error> = fresh
        .store
        .with(OPTIONS)
        .transaction(async |tx| {
            let attempt = attempts.fetch_add(1, Ordering::SeqCst) + 1;
            insert::<MySql>(tx, 1).await?;
            let deadlock = "SIGNAL SQLSTATE '40001' SET MYSQL_ERRNO = 1213";
            if attempt < ATTEMPTS {
                let failed: Result<(), Error> = tx.transaction(async |tx| script::<MySql>(tx, deadlock).await).await;
                assert!(failed.is_err());
                assert_eq!(insert::<MySql>(tx, 2).await.unwrap_err().kind(), Kind::Aborted);
            }
            Ok(())
        })
        .await;
    kept.unwrap();
    assert_eq!((attempts.into_inner(), fresh.number("SELECT count(*) FROM t").await), (ATTEMPTS, 1));
    fresh.pool_is_clean().await;
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
            handled::<Postgres>(tx).await;
            Ok::<_, Error>(())
        };
        let sql: &Sql<Postgres> = &fresh.sql;
        let outcome = if typed {
            sql.outcome(OPTIONS, async |tx: &mut Tx<Postgres>| work(tx).await).await
        } else {
            fresh.store.with(OPTIONS).outcome(work).await
        };
        let Outcome::RolledBack(error) = outcome else { panic!("{outcome:?}") };
        assert_eq!((error.kind(), attempts.into_inner()), (Kind::UniqueViolation, 1));
    }
    run::<Postgres>(&mut fresh.store.session(), "SELECT 1").await.unwrap();
    fresh.pool_is_clean().await;
}

mod is_not_tried_again {
    #[tokio::test]
    async fn postgres() {
        super::is_not_tried_again_when_the_work_fails_for_another_reason::<sqlx::Postgres>().await;
    }

    #[tokio::test]
    async fn mariadb() {
        super::is_not_tried_again_when_the_work_fails_for_another_reason::<sqlx::MySql>().await;
    }
}

mod is_tried_again {
    #[tokio::test]
    async fn postgres() {
        super::is_tried_again_when_it_is_passed_on::<sqlx::Postgres>().await;
    }

    #[tokio::test]
    async fn mariadb() {
        super::is_tried_again_when_it_is_passed_on::<sqlx::MySql>().await;
    }
}
