//! Begin, one insert, commit: on an in-memory SQLite database, and on PostgreSQL if `BUTTRESS_TEST_POSTGRES` names one.

use buttress::sql::{Database, transaction};
use buttress::store::{Error, Session, Store, TransactionOptions};
use sqlx::postgres::{PgPool, PgPoolOptions};
use sqlx::sqlite::{SqlitePool, SqlitePoolOptions};
use sqlx::{Executor, Postgres, Sqlite};
use tokio::runtime::Runtime;

use super::{Group, contestant};

const TABLE: &str = "CREATE TEMPORARY TABLE benched (id INTEGER, n INTEGER)";
const EMPTY: &str = "DELETE FROM benched";
pub(super) const INSERT_SQLITE: &str = "INSERT INTO benched VALUES (?, 0)";
pub(super) const INSERT_POSTGRES: &str = "INSERT INTO benched VALUES ($1, 0)";

pub fn groups() -> Vec<Group> {
    vec![sqlite(), postgres()]
}

fn sqlite() -> Group {
    Group {
        name: "transaction on SQLite",
        about: "Begin, one insert, commit, on a pool of one connection to a database in memory. The worker thread that \
                sqlx gives a connection is not counted.",
        net: false,
        waits: true,
        contestants: vec![
            contestant("floor: sqlx by hand", || {
                run(sqlite_pool, async |pool: &SqlitePool| {
                    let mut tx = pool.begin().await.expect("a transaction");
                    sqlx::query(INSERT_SQLITE).bind(1).execute(&mut *tx).await.expect("an insert");
                    tx.commit().await.expect("a commit");
                })
            }),
            contestant("buttress, typed", || {
                run(sqlite_pool, async |pool: &SqlitePool| {
                    let done: Result<_, Error> = transaction(pool, TransactionOptions::new(), async |tx| {
                        sqlx::query(INSERT_SQLITE).bind(1).execute(&mut *tx).await?;
                        Ok(())
                    })
                    .await;
                    done.expect("a commit");
                })
            }),
            contestant("buttress, erased", || {
                run(sqlite_store, async |store: &Store| {
                    let done: Result<_, Error> = store.transaction(async |tx| insert_sqlite(tx).await).await;
                    done.expect("a commit");
                })
            }),
        ],
    }
}

fn postgres() -> Group {
    Group {
        name: "transaction on PostgreSQL",
        about: "The same on PostgreSQL, over loopback; no connection is tested when it is taken.",
        net: false,
        waits: true,
        contestants: vec![
            contestant("floor: sqlx by hand", || {
                run(postgres_pool, async |pool: &PgPool| {
                    let mut tx = pool.begin().await.expect("a transaction");
                    sqlx::query(INSERT_POSTGRES).bind(1).execute(&mut *tx).await.expect("an insert");
                    tx.commit().await.expect("a commit");
                })
            }),
            contestant("buttress, typed", || {
                run(postgres_pool, async |pool: &PgPool| {
                    let done: Result<_, Error> = transaction(pool, TransactionOptions::new(), async |tx| {
                        sqlx::query(INSERT_POSTGRES).bind(1).execute(&mut *tx).await?;
                        Ok(())
                    })
                    .await;
                    done.expect("a commit");
                })
            }),
            contestant("buttress, erased", || {
                run(postgres_store, async |store: &Store| {
                    let done: Result<_, Error> = store.transaction(async |tx| insert_postgres(tx).await).await;
                    done.expect("a commit");
                })
            }),
        ],
    }
}

pub(super) async fn insert_sqlite(on: &mut Session) -> Result<(), Error> {
    sqlx::query(INSERT_SQLITE).bind(1).execute(on.sql::<Sqlite>().await?).await?;
    Ok(())
}

pub(super) async fn insert_postgres(on: &mut Session) -> Result<(), Error> {
    sqlx::query(INSERT_POSTGRES).bind(1).execute(on.sql::<Postgres>().await?).await?;
    Ok(())
}

pub(super) async fn sqlite_pool() -> SqlitePool {
    let options = SqlitePoolOptions::new().max_connections(1).test_before_acquire(false);
    let pool = options.connect("sqlite::memory:").await.expect("a database in memory");
    pool.execute(TABLE).await.expect("a table");
    pool
}

pub(super) async fn sqlite_store() -> Store {
    Database::from_pool(sqlite_pool().await).into()
}

pub(super) async fn postgres_pool() -> PgPool {
    let url = std::env::var("BUTTRESS_TEST_POSTGRES").expect("scripts/bench sets BUTTRESS_TEST_POSTGRES");
    let options = PgPoolOptions::new().max_connections(1).test_before_acquire(false);
    let pool = options.connect(&url).await.expect("a PostgreSQL");
    pool.execute(TABLE).await.expect("a table");
    pool.execute(EMPTY).await.expect("an empty table");
    pool
}

pub(super) async fn postgres_store() -> Store {
    Database::from_pool(postgres_pool().await).into()
}

/// Runs the work to its end in each run, on a runtime of its own.
pub(super) fn run<T: 'static>(set_up: impl AsyncFn() -> T, work: impl AsyncFn(&T) + 'static) -> Box<dyn FnMut()> {
    let runtime: Runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let ground = runtime.block_on(set_up());
    Box::new(move || runtime.block_on(work(&ground)))
}
