//! Several instances start at once.

use std::time::Duration;

use buttress::data::sql::{Connect, Migrations, sql};
use buttress::data::{Kind, Memory, Store};
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::{MySql, Postgres, SqlSafeStr};

use crate::support::{TestDatabase, server};

/// A table, a row in it that must be there once, and on request something that takes a while.
fn set(slow: &'static str) -> Migrator {
    let step = |version, sql: &'static str| {
        Migration::new(version, "a step".into(), MigrationType::Simple, sql.into_sql_str(), false)
    };
    let mut steps = vec![
        step(1, "CREATE TABLE migrated (n BIGINT NOT NULL)"),
        step(2, "INSERT INTO migrated VALUES (1)"),
        step(4, "INSERT INTO migrated VALUES (2)"),
    ];
    if !slow.is_empty() {
        steps.push(step(3, slow));
    }
    Migrator::with_migrations(steps)
}

/// Eight pools that know nothing of one another.
async fn all_at_once(url: &str, slow: &'static str) {
    let starts = (0..8).map(|_| {
        let url = url.to_owned();
        tokio::spawn(async move {
            let store = Connect::to(&url).unwrap().max_connections(2).open().await.unwrap();
            let migrator = set(slow);
            Migrations::new().postgres(&migrator).mysql(&migrator).sqlite(&migrator).run(&store).await.unwrap();
            let count = sql("SELECT count(*) FROM migrated").fetch_one(&mut store.session()).await.unwrap();
            assert_eq!(count.get::<i64>(0).unwrap(), 2);
            store.close(Duration::from_secs(5)).await.unwrap();
        })
    });
    for start in starts.collect::<Vec<_>>() {
        start.await.unwrap();
    }
}

/// A starter that is stopped in the middle leaves no lock behind.
async fn one_that_is_stopped(url: &str, slow: &'static str) {
    let store = Store::connect(url).await.unwrap();
    let migrator = set(slow);
    let migrations = Migrations::new().postgres(&migrator).mysql(&migrator).sqlite(&migrator);
    for micros in [100, 1_000, 5_000, 20_000, 50_000] {
        let _ = tokio::time::timeout(Duration::from_micros(micros), migrations.run(&store)).await;
    }
    let other = Store::connect(url).await.unwrap();
    tokio::time::timeout(Duration::from_secs(30), migrations.run(&other)).await.expect("no lock is left").unwrap();
}

fn url_of(variable: &str, name: &str) -> String {
    let server = server(variable);
    format!("{}/{name}", server.rsplit_once('/').unwrap().0)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres() {
    let fresh = Postgres::fresh(1).await;
    let url = url_of("BUTTRESS_TEST_POSTGRES", fresh.sql.pool().connect_options().get_database().unwrap());
    all_at_once(&url, "SELECT pg_sleep(0.2)").await;
    let fresh = Postgres::fresh(1).await;
    let url = url_of("BUTTRESS_TEST_POSTGRES", fresh.sql.pool().connect_options().get_database().unwrap());
    one_that_is_stopped(&url, "SELECT pg_sleep(0.01)").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mariadb() {
    let fresh = MySql::fresh(1).await;
    let url = url_of("BUTTRESS_TEST_MARIADB", fresh.sql.pool().connect_options().get_database().unwrap());
    all_at_once(&url, "DO SLEEP(0.2)").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite() {
    let dir = tempfile::tempdir().unwrap();
    all_at_once(&format!("sqlite:{}", dir.path().join("a.db").display()), "").await;
    one_that_is_stopped(&format!("sqlite:{}", dir.path().join("b.db").display()), "").await;
    let memory = Store::connect("sqlite::memory:").await.unwrap();
    let migrator = set("");
    Migrations::new().sqlite(&migrator).run(&memory).await.unwrap();
    assert_eq!(Migrations::new().run(&memory).await.unwrap_err().kind(), Kind::Unsupported);
}

#[tokio::test]
async fn a_store_in_memory_has_nothing_to_migrate() {
    let store = Store::from(Memory::new(0));
    assert_eq!(Migrations::new().run(&store).await.unwrap_err().kind(), Kind::Unsupported);
}
