//! The permitted contents of a set, and the errors for sets that do not fit.

use std::time::Duration;

use buttress::sql::{Connect, Connects, Migrations};
use buttress::store::{Error, ErrorKind, Memory, Store};
use sqlx::Sqlite;
use sqlx::migrate::Migrator;

use super::{all, migrate, migrations, set, slow};
use crate::pool::address;
use crate::support::{TestDatabase, chain, eventually};

async fn a_set_that_does_not_fit_is_refused<DB: TestDatabase>() {
    let fresh = DB::fresh(2).await;
    migrate(&fresh.store, &["CREATE TABLE a (n BIGINT)", "CREATE TABLE b (n BIGINT)"]).await.unwrap();
    for (scripts, what) in [
        (
            &["CREATE TABLE a (n BIGINT)", "CREATE TABLE c (n BIGINT)"][..],
            ["migration 2 \"", "_sqlx_migrations was changed"],
        ),
        (&["CREATE TABLE a (n BIGINT)"][..], ["migration 2 of", "_sqlx_migrations was run before"]),
    ] {
        let error = migrate(&fresh.store, scripts).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration);
        assert!(what.iter().all(|what| chain(&error).contains(what)), "{}", chain(&error));
    }
    fresh.pool_is_clean().await;
}

async fn a_migration_that_fails_says_why_without_values<DB: TestDatabase>() {
    let fresh = DB::fresh(2).await;
    let twice = "CREATE TABLE b (n BIGINT); INSERT INTO a VALUES (4711), (4711)";
    let scripts = ["CREATE TABLE a (n BIGINT PRIMARY KEY)", twice];
    let error = migrate(&fresh.store, &scripts).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UniqueViolation);
    let said = chain(&error);
    assert!(said.contains("migration 2 \"") && said.contains("of _sqlx_migrations failed"), "{said}");
    assert!(!format!("{error:?} {}", chain(&error)).contains("4711"));
    if DB::NAME == "MySQL" {
        // On that database, half of one cannot be undone, and there is no way to tell how much was done.
        let again = migrate(&fresh.store, &scripts).await.unwrap_err();
        assert_eq!(again.kind(), ErrorKind::Configuration);
        assert!(chain(&again).contains("half-way"), "{}", chain(&again));
    } else {
        migrate(&fresh.store, &[scripts[0], "INSERT INTO a VALUES (4711)"]).await.unwrap();
        assert_eq!(fresh.number("SELECT sum(n) FROM a").await, 4711);
    }
    fresh.pool_is_clean().await;
}

/// A release that is started beside a newer one, or in its place again, where its set says that this may be.
async fn an_old_release_starts_after_a_newer_one_has_migrated<DB: TestDatabase>() {
    let fresh = DB::fresh(2).await;
    migrate(&fresh.store, &["CREATE TABLE a (n BIGINT)", "ALTER TABLE a ADD COLUMN later BIGINT"]).await.unwrap();
    let mut old = Migrator::with_migrations(migrations(&["CREATE TABLE a (n BIGINT)"]));
    old.set_ignore_missing(true);
    all(&*Box::leak(Box::new(old))).run(&fresh.store).await.unwrap();
    let mut changed = Migrator::with_migrations(migrations(&["CREATE TABLE a (n TEXT)"]));
    changed.set_ignore_missing(true);
    let error = all(&*Box::leak(Box::new(changed))).run(&fresh.store).await.unwrap_err();
    assert!(chain(&error).contains("was changed after it was run"), "{}", chain(&error));
}

/// As for the crate's own sets.
async fn a_set_from_elsewhere_has_a_table_of_its_own<DB: TestDatabase>() {
    let fresh = DB::fresh(2).await;
    let mut other = Migrator::with_migrations(migrations(&["CREATE TABLE other (n BIGINT)"]));
    other.dangerous_set_table_name("_other_migrations");
    let (own, other) = (set(&["CREATE TABLE own (n BIGINT)"]), &*Box::leak(Box::new(other)));
    for _ in 0..2 {
        all(own).run(&fresh.store).await.unwrap();
        all(other).run(&fresh.store).await.unwrap();
    }
    assert_eq!(fresh.number("SELECT count(*) FROM own").await, 0);
    assert_eq!(fresh.number("SELECT count(*) FROM _other_migrations").await, 1);
    assert_eq!(fresh.number("SELECT count(*) FROM _sqlx_migrations").await, 1);
}

async fn a_migration_may_take_longer_than_a_statement<DB: TestDatabase + Connects>() {
    let fresh = DB::fresh(1).await;
    let limited = Connect::to(&address(&fresh)).unwrap().statement_timeout(Duration::from_millis(100));
    let store = limited.lock_timeout(Duration::from_secs(1)).open().await.unwrap();
    migrate(&store, &[&slow::<DB>(0.4)]).await.unwrap();
    eventually("its connection is closed, or back", async || store.pool_stats().in_use() == 0).await;
}

async fn what_is_pending_is_asked_for_once<DB: TestDatabase>() {
    let fresh = DB::fresh(2).await;
    for scripts in [&["CREATE TABLE a (n BIGINT)"][..], &["CREATE TABLE a (n BIGINT)", "CREATE TABLE b (n BIGINT)"]] {
        migrate(&fresh.store, scripts).await.unwrap();
    }
    assert_eq!(fresh.number("SELECT count(*) FROM _sqlx_migrations").await, 2);
}

on_every_database! {
    a_set_that_does_not_fit_is_refused;
    a_migration_that_fails_says_why_without_values;
    a_set_from_elsewhere_has_a_table_of_its_own;
    an_old_release_starts_after_a_newer_one_has_migrated;
    a_migration_may_take_longer_than_a_statement;
    what_is_pending_is_asked_for_once;
}

#[tokio::test]
async fn a_store_without_a_set_says_so() {
    let fresh = Sqlite::fresh(1).await;
    let set = set(&["CREATE TABLE a (n BIGINT)"]);
    for (store, migrations) in
        [(fresh.store.clone(), Migrations::new().postgres(set).mysql(set)), (Store::from(Memory::new(0)), all(set))]
    {
        assert_eq!(migrations.run(&store).await.unwrap_err().kind(), ErrorKind::Unsupported);
    }
}

/// SQLite can change little about a table, so the table is rebuilt. Inside a transaction the pragma has no effect, and
/// the old table would take every row that refers to it with it.
#[tokio::test]
async fn a_table_can_be_built_anew_under_those_that_refer_to_it() {
    const STEPS: [&str; 2] = [
        "CREATE TABLE parent (id INTEGER PRIMARY KEY);
         CREATE TABLE child (id INTEGER PRIMARY KEY, parent INTEGER NOT NULL REFERENCES parent ON DELETE CASCADE);
         INSERT INTO parent VALUES (1);
         INSERT INTO child VALUES (1, 1), (2, 1);",
        "-- no-transaction
         PRAGMA foreign_keys = OFF;
         BEGIN;
         CREATE TABLE anew (id INTEGER PRIMARY KEY, name TEXT NOT NULL DEFAULT '');
         INSERT INTO anew (id) SELECT id FROM parent;
         DROP TABLE parent;
         ALTER TABLE anew RENAME TO parent;
         COMMIT;
         PRAGMA foreign_keys = ON;",
    ];
    let fresh = Sqlite::fresh(1).await;
    for store in [
        Connect::to(&address(&fresh)).unwrap().open().await.unwrap(),
        Connect::to("sqlite::memory:").unwrap().open().await.unwrap(),
    ] {
        migrate(&store, &STEPS[..1]).await.unwrap();
        migrate(&store, &STEPS).await.unwrap();
        migrate(&store, &STEPS).await.unwrap();
        let mut session = store.session();
        let on = session.sql::<Sqlite>().await.unwrap();
        let children: i64 = sqlx::query_scalar("SELECT count(*) FROM child").fetch_one(&mut *on).await.unwrap();
        let checked: i64 = sqlx::query_scalar("PRAGMA foreign_keys").fetch_one(on).await.unwrap();
        assert_eq!((children, checked), (2, 1));
    }
}

/// There is one writing connection, and it is usable after a migration that failed.
#[tokio::test]
async fn a_migration_without_a_transaction_that_fails_leaves_nothing_open() {
    let fails = "-- no-transaction\nPRAGMA foreign_keys = OFF; BEGIN; CREATE TABLE a (n BIGINT); SELECT nonsense";
    let fresh = Sqlite::fresh(1).await;
    for store in [
        Connect::to(&address(&fresh)).unwrap().open().await.unwrap(),
        Connect::to("sqlite::memory:").unwrap().open().await.unwrap(),
    ] {
        migrate(&store, &["CREATE TABLE t (n BIGINT)"]).await.unwrap();
        assert!(migrate(&store, &["CREATE TABLE t (n BIGINT)", fails]).await.is_err());
        let kept: Result<(), Error> = store
            .transaction(async |tx| {
                let on = tx.sql::<Sqlite>().await?;
                sqlx::query("INSERT INTO t VALUES (1)").execute(&mut *on).await?;
                let checked: i64 = sqlx::query_scalar("PRAGMA foreign_keys").fetch_one(on).await?;
                assert_eq!(checked, 1);
                Ok(())
            })
            .await;
        kept.unwrap();
    }
}

/// A script that succeeds and leaves its transaction open has done nothing, and the error says so.
#[tokio::test]
async fn a_migration_without_a_transaction_that_leaves_one_open_fails() {
    let open = "-- no-transaction\nPRAGMA foreign_keys = OFF; BEGIN; CREATE TABLE a (n BIGINT)";
    let fresh = Sqlite::fresh(1).await;
    let store = Connect::to(&address(&fresh)).unwrap().open().await.unwrap();
    assert!(migrate(&store, &[open]).await.is_err());
    assert_eq!(fresh.number("SELECT count(*) FROM sqlite_master WHERE name = 'a'").await, 0);
    let mut session = store.session();
    let on = session.sql::<Sqlite>().await.unwrap();
    assert_eq!(sqlx::query_scalar::<_, i64>("PRAGMA foreign_keys").fetch_one(on).await.unwrap(), 1);
    drop(session);
    migrate(&store, &["-- no-transaction\nCREATE TABLE a (n BIGINT)"]).await.unwrap();
}

/// A file has one writer: a migration inside a write would wait for itself.
#[tokio::test]
async fn nobody_migrates_inside_a_transaction_of_the_same_file() {
    let store = Connect::to("sqlite::memory:").unwrap().open().await.unwrap();
    for script in ["CREATE TABLE a (n BIGINT)", "-- no-transaction\nCREATE TABLE a (n BIGINT)"] {
        let inner: Result<(), Error> = store.transaction(async |_| migrate(&store, &[script]).await).await;
        assert_eq!(inner.unwrap_err().kind(), ErrorKind::WouldDeadlock);
    }
}
