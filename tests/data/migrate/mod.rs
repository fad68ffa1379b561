//! Migrations, if several instances start at once, and if one is cut off.

mod killed;
mod sets;
mod starters;

use std::borrow::Cow;
use std::time::Duration;

use buttress::sql::{Connect, Migrations, SqlDatabase};
use buttress::store::{Error, Store};
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::{AssertSqlSafe, SqlSafeStr as _};

use crate::pool::address;
use crate::support::{Fresh, TestDatabase};

/// A set of scripts, numbered from 1. A script that begins with `-- no-transaction` runs in no transaction, as sqlx
/// reads its files.
pub(crate) fn set(scripts: &[&str]) -> &'static Migrator {
    Box::leak(Box::new(Migrator::with_migrations(migrations(scripts))))
}

pub(crate) fn migrations(scripts: &[&str]) -> Vec<Migration> {
    let migration = |(at, script): (usize, &&str)| {
        let (version, sql) = (i64::try_from(at).unwrap() + 1, AssertSqlSafe((*script).to_owned()).into_sql_str());
        let no_tx = script.starts_with("-- no-transaction");
        Migration::new(version, Cow::Owned(format!("step {version}")), MigrationType::Simple, sql, no_tx)
    };
    scripts.iter().enumerate().map(migration).collect()
}

/// The same set for any database.
fn all(set: &'static Migrator) -> Migrations {
    Migrations::new().postgres(set).mysql(set).sqlite(set)
}

/// Another instance of the program: a pool of its own on the same database.
async fn instance<DB: TestDatabase>(fresh: &Fresh<DB>) -> Store {
    // SQLite checks at this interval whether its lock is free.
    let connect = Connect::to(&address(fresh)).unwrap().lock_timeout(Duration::from_millis(50));
    connect.max_connections(2).lazy().open().await.unwrap()
}

async fn migrate(store: &Store, scripts: &[&str]) -> Result<(), Error> {
    all(set(scripts)).run(store).await
}

/// A statement that takes a while.
fn slow<DB: SqlDatabase>(seconds: f64) -> String {
    match DB::NAME {
        "PostgreSQL" => format!("SELECT pg_sleep({seconds})"),
        "MySQL" => format!("SELECT SLEEP({seconds})"),
        // Half a million rows per second, or more.
        _ => format!(
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {}) SELECT max(i) FROM n",
            seconds * 4e5
        ),
    }
}
