//! The attempts that are repeated, how often, and the final outcome.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use buttress::sql::{Database, Tx, sql};
use buttress::store::{Error, ErrorKind, Isolation, Outcome, Retry, Session, Store, TransactionOptions};
use futures_util::future::join;
use sqlx::{MySql, Postgres};

use crate::support::statements::{insert, script};
use crate::support::{Failure, Fresh, TestDatabase};

const ATTEMPTS: u32 = 3;
const PAUSES: Retry = Retry::new().backoff(Duration::ZERO, Duration::ZERO);
const OPTIONS: TransactionOptions = TransactionOptions::new().retry(PAUSES.attempts(ATTEMPTS));

/// The work's result after one of its statements failed.
#[derive(Debug, Clone, Copy)]
enum Gives {
    /// The error of the statement.
    ItsError,
    /// An error of the work's own.
    OwnError,
    /// A value, as if no statement had failed.
    Value,
}

/// The expected end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ends {
    Kept,
    With(ErrorKind),
    Own,
}

/// A statement that makes the server fail with this code.
fn failing<DB: TestDatabase>(code: &str) -> String {
    match DB::NAME {
        "PostgreSQL" => format!("DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '{code}'; END $$"),
        _ => format!("SIGNAL SQLSTATE '45000' SET MYSQL_ERRNO = {code}"),
    }
}

/// Runs work in which a statement fails; returns how often it ran, and how it ended.
async fn run_with<DB: TestDatabase>(fresh: &Fresh<DB>, code: &str, nested: bool, gives: Gives) -> (u32, Ends) {
    let attempts = AtomicU32::new(0);
    let ended: Result<(), Failure> = fresh
        .store
        .with_options(OPTIONS)
        .transaction(async |tx| {
            attempts.fetch_add(1, Ordering::SeqCst);
            insert::<DB>(tx, 1).await?;
            let failed = if nested {
                tx.transaction(async |tx| script::<DB>(tx, &failing::<DB>(code)).await).await
            } else {
                script::<DB>(tx, &failing::<DB>(code)).await
            };
            match (failed, gives) {
                (Ok(()), _) => panic!("it does not fail: {code}"),
                (Err(error), Gives::ItsError) => Err(error.into()),
                (_, Gives::OwnError) => Err(Failure::Own),
                (_, Gives::Value) => Ok(()),
            }
        })
        .await;
    (attempts.into_inner(), ends(ended))
}

fn ends(ended: Result<(), Failure>) -> Ends {
    match ended {
        Ok(()) => Ends::Kept,
        Err(Failure::Own) => Ends::Own,
        Err(Failure::Data(error)) => Ends::With(error.kind()),
    }
}

/// The server's code, whether the transaction is nested, the work's result, and the expected end.
type Case = (&'static str, bool, Gives, (u32, Ends));

async fn table<DB: TestDatabase>(cases: &[Case]) {
    let fresh = DB::fresh(1).await;
    fresh.run(DB::TABLE).await;
    for &(code, nested, gives, expected) in cases {
        let case = format!("{code}, nested: {nested}, {gives:?}");
        assert_eq!(run_with(&fresh, code, nested, gives).await, expected, "{case}");
        let kept = i64::from(expected.1 == Ends::Kept);
        assert_eq!(fresh.number("SELECT count(*) FROM t").await, kept, "{case}");
        fresh.run("DELETE FROM t").await;
        fresh.pool_is_clean().await;
    }
}

#[tokio::test]
async fn postgres() {
    let (outer, nested) = (false, true);
    table::<Postgres>(&[
        ("40001", outer, Gives::ItsError, (ATTEMPTS, Ends::With(ErrorKind::Serialization))),
        ("40001", outer, Gives::OwnError, (ATTEMPTS, Ends::Own)),
        ("40001", outer, Gives::Value, (ATTEMPTS, Ends::With(ErrorKind::Aborted))),
        ("40001", nested, Gives::ItsError, (ATTEMPTS, Ends::With(ErrorKind::Serialization))),
        ("40001", nested, Gives::OwnError, (ATTEMPTS, Ends::Own)),
        ("40001", nested, Gives::Value, (1, Ends::Kept)),
        ("40P01", outer, Gives::ItsError, (ATTEMPTS, Ends::With(ErrorKind::Deadlock))),
        ("40P01", outer, Gives::Value, (ATTEMPTS, Ends::With(ErrorKind::Aborted))),
        ("40P01", nested, Gives::ItsError, (ATTEMPTS, Ends::With(ErrorKind::Deadlock))),
        ("40P01", nested, Gives::OwnError, (1, Ends::Own)),
        ("55P03", outer, Gives::OwnError, (ATTEMPTS, Ends::Own)),
        ("55P03", nested, Gives::ItsError, (ATTEMPTS, Ends::With(ErrorKind::LockTimeout))),
        ("55P03", nested, Gives::OwnError, (1, Ends::Own)),
        ("08006", outer, Gives::ItsError, (ATTEMPTS, Ends::With(ErrorKind::ConnectionLost))),
        ("08006", outer, Gives::Value, (ATTEMPTS, Ends::With(ErrorKind::Aborted))),
        ("08006", nested, Gives::Value, (ATTEMPTS, Ends::With(ErrorKind::Aborted))),
        ("23505", outer, Gives::ItsError, (1, Ends::With(ErrorKind::UniqueViolation))),
        ("23505", outer, Gives::OwnError, (1, Ends::Own)),
        ("23505", outer, Gives::Value, (1, Ends::With(ErrorKind::Aborted))),
        ("23505", nested, Gives::Value, (1, Ends::Kept)),
        ("57014", outer, Gives::ItsError, (1, Ends::With(ErrorKind::StatementTimeout))),
        ("53100", outer, Gives::ItsError, (1, Ends::With(ErrorKind::OutOfResources))),
        ("25006", outer, Gives::ItsError, (1, Ends::With(ErrorKind::ReadOnly))),
        ("XX000", outer, Gives::ItsError, (1, Ends::With(ErrorKind::Other))),
        ("0A000", outer, Gives::ItsError, (1, Ends::With(ErrorKind::Other))),
        ("26000", outer, Gives::ItsError, (1, Ends::With(ErrorKind::Other))),
    ])
    .await;
}

#[tokio::test]
async fn mariadb() {
    let (outer, nested) = (false, true);
    table::<MySql>(&[
        ("1213", outer, Gives::ItsError, (ATTEMPTS, Ends::With(ErrorKind::Deadlock))),
        ("1213", outer, Gives::OwnError, (ATTEMPTS, Ends::Own)),
        ("1213", outer, Gives::Value, (ATTEMPTS, Ends::With(ErrorKind::Aborted))),
        ("1213", nested, Gives::OwnError, (ATTEMPTS, Ends::Own)),
        ("1213", nested, Gives::Value, (ATTEMPTS, Ends::With(ErrorKind::Aborted))),
        ("1020", outer, Gives::Value, (ATTEMPTS, Ends::With(ErrorKind::Aborted))),
        ("1205", outer, Gives::ItsError, (ATTEMPTS, Ends::With(ErrorKind::LockTimeout))),
        ("1205", outer, Gives::OwnError, (ATTEMPTS, Ends::Own)),
        ("1205", outer, Gives::Value, (1, Ends::Kept)),
        ("1205", nested, Gives::ItsError, (ATTEMPTS, Ends::With(ErrorKind::LockTimeout))),
        ("1205", nested, Gives::OwnError, (1, Ends::Own)),
        ("1205", nested, Gives::Value, (1, Ends::Kept)),
        ("1062", outer, Gives::ItsError, (1, Ends::With(ErrorKind::UniqueViolation))),
        ("1062", outer, Gives::Value, (1, Ends::Kept)),
        ("1969", outer, Gives::ItsError, (1, Ends::With(ErrorKind::StatementTimeout))),
        ("1114", outer, Gives::ItsError, (1, Ends::With(ErrorKind::OutOfResources))),
        ("1180", outer, Gives::ItsError, (1, Ends::With(ErrorKind::UnknownCommit))),
        ("1644", outer, Gives::Value, (1, Ends::Kept)),
        ("1615", outer, Gives::ItsError, (ATTEMPTS, Ends::With(ErrorKind::StaleStatement))),
        ("1243", outer, Gives::Value, (1, Ends::Kept)),
        ("1412", outer, Gives::ItsError, (ATTEMPTS, Ends::With(ErrorKind::Serialization))),
        ("1412", nested, Gives::Value, (ATTEMPTS, Ends::With(ErrorKind::Aborted))),
    ])
    .await;
}

/// The errors that the handle saw count, and not the errors that the work reports.
async fn an_error_that_the_handle_did_not_see_is_not_tried_again<DB: TestDatabase>() {
    let fresh = DB::fresh(1).await;
    fresh.run(DB::TABLE).await;
    for kind in [ErrorKind::Serialization, ErrorKind::Deadlock, ErrorKind::ConnectionLost] {
        let attempts = AtomicU32::new(0);
        let ended: Result<(), Error> = fresh
            .store
            .with_options(OPTIONS)
            .transaction(async |tx| {
                attempts.fetch_add(1, Ordering::SeqCst);
                insert::<DB>(tx, 1).await?;
                Err(kind.into())
            })
            .await;
        assert_eq!((ended.unwrap_err().kind(), attempts.into_inner()), (kind, 1));
    }
    fresh.pool_is_clean().await;
}

/// Runs work that always fails, and may always be tried again; returns the number of attempts.
async fn hopeless(store: &Store) -> u32 {
    let attempts = AtomicU32::new(0);
    let ended: Result<(), Error> = store
        .transaction(async |tx| {
            attempts.fetch_add(1, Ordering::SeqCst);
            script::<Postgres>(tx, &failing::<Postgres>("40001")).await
        })
        .await;
    assert_eq!(ended.unwrap_err().kind(), ErrorKind::Serialization);
    attempts.into_inner()
}

#[tokio::test]
async fn attempts_are_counted() {
    let fresh = Postgres::fresh(1).await;
    for (asked, made) in [(0, 1), (1, 1), (2, 2), (7, 7)] {
        assert_eq!(
            hopeless(&fresh.store.with_options(TransactionOptions::new().retry(PAUSES.attempts(asked)))).await,
            made
        );
    }
    assert_eq!(hopeless(&fresh.store.with_options(TransactionOptions::new().retry(Retry::never()))).await, 1);

    // Neither of these runs twice.
    let attempts = AtomicU32::new(0);
    let work = async |tx: &mut Session| -> Result<(), Error> {
        attempts.fetch_add(1, Ordering::SeqCst);
        script::<Postgres>(tx, &failing::<Postgres>("40001")).await
    };
    assert!(fresh.store.transaction_once(work).await.is_err());
    assert!(fresh.store.session().transaction(work).await.is_err());
    assert_eq!(attempts.into_inner(), 2);
    fresh.pool_is_clean().await;
}

#[tokio::test]
async fn all_transactions_of_a_store_share_a_budget() {
    let fresh = Postgres::fresh(2).await;
    fresh.run(Postgres::TABLE).await;
    let stubborn = fresh.store.with_options(TransactionOptions::new().retry(PAUSES.attempts(u32::MAX)));
    let other = stubborn.clone();
    let (one, other) = join(hopeless(&stubborn), hopeless(&other)).await;
    assert_eq!(one + other, 2 + 500, "two first attempts, and what the store may spend");
    assert_eq!(hopeless(&stubborn).await, 1, "nothing is left");
    for id in 0..3 {
        let kept: Result<(), Error> = stubborn.transaction(async |tx| insert::<Postgres>(tx, id).await).await;
        kept.unwrap();
    }
    assert_eq!(hopeless(&stubborn).await, 1 + 3, "each success gives a little back");
    fresh.pool_is_clean().await;
}

/// A store and its typed view are one database: a retry budget that is spent on one of them is spent for both.
#[tokio::test]
async fn both_roads_share_a_budget() {
    let fresh = Postgres::fresh(1).await;
    let stubborn = TransactionOptions::new().retry(PAUSES.attempts(1_000));
    let typed = async |sql: &Database<Postgres>| {
        let attempts = AtomicU32::new(0);
        let ended: Result<(), Error> = sql
            .transaction(stubborn, async |tx: &mut Tx<Postgres>| {
                attempts.fetch_add(1, Ordering::SeqCst);
                script::<Postgres>(tx, &failing::<Postgres>("40001")).await
            })
            .await;
        assert_eq!(ended.unwrap_err().kind(), ErrorKind::Serialization);
        attempts.into_inner()
    };
    assert_eq!(typed(&fresh.sql).await, 1 + 500);
    assert_eq!(hopeless(&fresh.store.with_options(stubborn)).await, 1, "nothing is left");
    assert_eq!(typed(&fresh.store.sql().unwrap()).await, 1);
    fresh.pool_is_clean().await;
}

/// Typed work that can run only once, because it moves a value out.
#[tokio::test]
async fn the_typed_road_runs_work_once() {
    let fresh = Postgres::fresh(1).await;
    fresh.run(Postgres::TABLE).await;
    let owned = String::from("ann");
    let kept = fresh.sql.transaction_once(OPTIONS, async move |tx: &mut Tx<Postgres>| {
        insert::<Postgres>(tx, 1).await?;
        Ok::<_, Error>(owned)
    });
    assert_eq!(kept.await.unwrap(), "ann");
    let attempts = AtomicU32::new(0);
    let failed = fresh.sql.transaction_once(OPTIONS, async |tx: &mut Tx<Postgres>| -> Result<(), Error> {
        attempts.fetch_add(1, Ordering::SeqCst);
        script::<Postgres>(tx, &failing::<Postgres>("40001")).await
    });
    assert_eq!(failed.await.unwrap_err().kind(), ErrorKind::Serialization);
    assert_eq!((attempts.into_inner(), fresh.number("SELECT count(*) FROM t").await), (1, 1));
    fresh.pool_is_clean().await;
}

/// The server ends the connection in the middle of the first commits, so their outcome is unknown.
async fn cut_commits(fresh: &Fresh<Postgres>, commits: u32) {
    fresh.run(Postgres::TABLE).await;
    fresh.run("CREATE SEQUENCE cuts").await;
    let cut = format!(
        "CREATE FUNCTION cut() RETURNS trigger LANGUAGE plpgsql AS
         'BEGIN IF nextval(''cuts'') <= {commits} THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF; RETURN NULL; END';
         CREATE CONSTRAINT TRIGGER cut AFTER INSERT ON t DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION cut()"
    );
    fresh.run(&cut).await;
}

#[tokio::test]
async fn an_unknown_commit_is_tried_again_only_if_that_does_no_harm() {
    for (options, attempts, known) in
        [(OPTIONS, 1, false), (OPTIONS.idempotent(), ATTEMPTS, true), (OPTIONS.resolvable(), ATTEMPTS, true)]
    {
        let fresh = Postgres::fresh(1).await;
        cut_commits(&fresh, 2).await;
        let made = AtomicU32::new(0);
        let outcome: Outcome<(), Error> = fresh
            .store
            .with_options(options)
            .try_transaction(async |tx| {
                made.fetch_add(1, Ordering::SeqCst);
                insert::<Postgres>(tx, 1).await
            })
            .await;
        match outcome {
            Outcome::Committed(()) if known => {}
            Outcome::Unknown(error) if !known => assert_eq!(error.kind(), ErrorKind::UnknownCommit),
            outcome => panic!("{outcome:?} with {options:?}"),
        }
        assert_eq!(made.into_inner(), attempts);
        assert_eq!(fresh.number("SELECT count(*) FROM t").await, i64::from(known));
        fresh.pool_is_clean().await;
    }
}

/// A server that does not know how a commit ended may know it a moment later.
#[tokio::test]
async fn a_commit_of_which_the_server_was_not_sure_is_told_as_what_became_of_it() {
    for code in ["40003", "08007"] {
        let fresh = Postgres::fresh(1).await;
        fresh.run(Postgres::TABLE).await;
        fresh.run("CREATE SEQUENCE doubts").await;
        let doubt = format!(
            "CREATE FUNCTION doubt() RETURNS trigger LANGUAGE plpgsql AS
             'BEGIN IF nextval(''doubts'') <= 4 THEN RAISE EXCEPTION USING ERRCODE = ''{code}''; END IF; RETURN NULL; END';
             CREATE CONSTRAINT TRIGGER doubt AFTER INSERT ON t DEFERRABLE INITIALLY DEFERRED
             FOR EACH ROW EXECUTE FUNCTION doubt()"
        );
        fresh.run(&doubt).await;
        let commit = async |options| {
            fresh.store.with_options(options).try_transaction(async |tx| insert::<Postgres>(tx, 1).await).await
        };
        let Outcome::Unknown(error) = commit(OPTIONS).await else { panic!("nobody was asked: {code}") };
        assert_eq!(error.kind(), ErrorKind::UnknownCommit);
        let once = TransactionOptions::new().retry(Retry::never()).resolvable();
        let Outcome::RolledBack(error) = commit(once).await else { panic!("it was asked for: {code}") };
        assert_eq!(error.kind(), ErrorKind::ConnectionLost, "nothing was kept, and it may be tried again");
        let Outcome::Committed(()) = commit(OPTIONS.resolvable()).await else { panic!("the third keeps it: {code}") };
        assert_eq!(fresh.number("SELECT count(*) FROM t").await, 1);
        fresh.pool_is_clean().await;
    }
}

/// Whatever the result of the next attempts, the work of the first one may be kept.
#[tokio::test]
async fn an_unknown_commit_stays_unknown_when_the_next_attempt_fails() {
    let fresh = Postgres::fresh(1).await;
    cut_commits(&fresh, 1).await;
    let made = AtomicU32::new(0);
    let outcome: Outcome<(), Error> = fresh
        .store
        .with_options(OPTIONS.idempotent())
        .try_transaction(async |tx| {
            insert::<Postgres>(tx, 1).await?;
            if made.fetch_add(1, Ordering::SeqCst) == 0 { Ok(()) } else { Err(ErrorKind::RowNotFound.into()) }
        })
        .await;
    let Outcome::Unknown(error) = outcome else { panic!("the first commit may have been done: {outcome:?}") };
    assert_eq!((error.kind(), made.into_inner()), (ErrorKind::UnknownCommit, 2));
    fresh.pool_is_clean().await;
}

/// A closed pool refuses at once, and for ever.
#[tokio::test]
async fn a_store_that_is_closed_is_not_asked_for_ever_what_became_of_a_commit() {
    let fresh = Postgres::fresh(1).await;
    cut_commits(&fresh, 1).await;
    let work = fresh.store.with_options(OPTIONS.resolvable());
    let work = work.try_transaction(async |tx| {
        insert::<Postgres>(tx, 1).await?;
        let _ = fresh.store.close(Duration::ZERO).await;
        Ok::<_, Error>(())
    });
    let outcome = tokio::time::timeout(Duration::from_secs(8), work).await.expect("it ends");
    let Outcome::Unknown(error) = outcome else { panic!("nobody could be asked: {outcome:?}") };
    assert!(error.transaction_id().is_some());
}

/// Hooks of kept work run once, in order; hooks of failed attempts and failed nested transactions do not run.
#[tokio::test]
async fn hooks_run_for_what_was_kept() {
    let fresh = Postgres::fresh(1).await;
    fresh.run(Postgres::TABLE).await;
    let (ran, attempts) = (Arc::new(Mutex::new(Vec::new())), AtomicU32::new(0));
    let hook = |tx: &mut Session, name: String| {
        let ran = Arc::clone(&ran);
        tx.after_commit(async move || {
            ran.lock().unwrap().push(name);
            Ok::<_, Error>(())
        })
    };
    let kept: Result<(), Error> = fresh
        .store
        .with_options(OPTIONS)
        .transaction(async |tx| {
            let attempt = attempts.fetch_add(1, Ordering::SeqCst) + 1;
            hook(tx, format!("{attempt}: first"))?;
            tx.transaction(async |tx| {
                hook(tx, format!("{attempt}: nested"))?;
                let inner: Result<(), Error> = tx
                    .transaction(async |tx| {
                        hook(tx, format!("{attempt}: undone"))?;
                        tx.transaction(async |tx| hook(tx, format!("{attempt}: undone with it"))).await?;
                        script::<Postgres>(tx, &failing::<Postgres>("23505")).await
                    })
                    .await;
                assert!(inner.is_err());
                hook(tx, format!("{attempt}: nested again"))
            })
            .await?;
            hook(tx, format!("{attempt}: last"))?;
            insert::<Postgres>(tx, 1).await?;
            if attempt < ATTEMPTS { script::<Postgres>(tx, &failing::<Postgres>("40001")).await } else { Ok(()) }
        })
        .await;
    kept.unwrap();
    assert_eq!(*ran.lock().unwrap(), ["3: first", "3: nested", "3: nested again", "3: last"]);
    fresh.pool_is_clean().await;
}

on_every_database! {
    an_error_that_the_handle_did_not_see_is_not_tried_again;
}

/// Each takes from one row and gives to the other, half of them the other way round; all lock the rows in one order.
async fn opposite_transfers_in_one_order_need_no_second_attempt<DB: TestDatabase>() {
    let fresh = DB::fresh(8).await;
    fresh.run(DB::TABLE).await;
    fresh.run("INSERT INTO t VALUES (1, 1000), (2, 1000)").await;
    let store =
        fresh.store.with_options(TransactionOptions::new().isolation(Isolation::ReadCommitted).retry(Retry::never()));
    let transfers = (0..60).map(|at| {
        let store = store.clone();
        tokio::spawn(async move {
            let (from, to) = if at % 2 == 0 { (1_i64, 2_i64) } else { (2, 1) };
            let mut changes = [(from, -at), (to, at)];
            changes.sort_unstable();
            let moved = store.transaction(async |tx| {
                for (id, amount) in changes {
                    let update = sql("UPDATE t SET n = n + ? WHERE id = ?");
                    assert_eq!(update.bind(amount).bind(id).execute(tx).await?, 1);
                }
                Ok::<_, Error>(())
            });
            moved.await
        })
    });
    for moved in transfers.collect::<Vec<_>>() {
        moved.await.unwrap().unwrap();
    }
    assert_eq!(fresh.number("SELECT sum(n) FROM t").await, 2000);
    assert_eq!(fresh.number("SELECT n FROM t WHERE id = 1").await, 1000 + 30);
}

on_every_database! {
    opposite_transfers_in_one_order_need_no_second_attempt;
}
