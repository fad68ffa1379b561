//! The cost of a statement that names no database.

use buttress::sql::sql;
use buttress::store::{Error, Session};
use sqlx::Row as _;

use crate::support::TestDatabase;

type Found = (i64, String);

async fn portable(on: &mut Session) -> Result<Found, Error> {
    let select = sql("SELECT n, name FROM p WHERE id = ? AND n >= ? AND name <> ?").bind(1).bind(0).bind("cup");
    let row = select.fetch_one(on).await?;
    Ok((row.get("n")?, row.get("name")?))
}

async fn on_postgres(on: &mut Session) -> Result<Found, Error> {
    let select = sqlx::query("SELECT n, name FROM p WHERE id = $1 AND n >= $2 AND name <> $3");
    let row = select.bind(1_i64).bind(0_i64).bind("cup").fetch_one(on.sql::<sqlx::Postgres>().await?).await?;
    Ok((row.try_get("n")?, row.try_get("name")?))
}

async fn on_mysql(on: &mut Session) -> Result<Found, Error> {
    let select = sqlx::query("SELECT n, name FROM p WHERE id = ? AND n >= ? AND name <> ?");
    let row = select.bind(1_i64).bind(0_i64).bind("cup").fetch_one(on.sql::<sqlx::MySql>().await?).await?;
    Ok((row.try_get("n")?, row.try_get("name")?))
}

async fn on_sqlite(on: &mut Session) -> Result<Found, Error> {
    let select = sqlx::query("SELECT n, name FROM p WHERE id = ? AND n >= ? AND name <> ?");
    let row = select.bind(1_i64).bind(0_i64).bind("cup").fetch_one(on.sql::<sqlx::Sqlite>().await?).await?;
    Ok((row.try_get("n")?, row.try_get("name")?))
}

/// How many times a prepared statement allocates: without a named database, and as written by hand.
fn allocations<DB: TestDatabase>(by_hand: &impl AsyncFn(&mut Session) -> Result<Found, Error>) -> (u64, u64) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let _context = runtime.enter();
    let fresh = runtime.block_on(DB::fresh(1));
    runtime.block_on(fresh.run("CREATE TABLE p (id BIGINT PRIMARY KEY, n BIGINT NOT NULL, name VARCHAR(20) NOT NULL)"));
    runtime.block_on(fresh.run("INSERT INTO p VALUES (1, 2, 'mug')"));
    let session = &mut fresh.store.session();
    let least = |work: &mut dyn FnMut() -> Found| {
        let counted = (0..10).map(|_| {
            let info = allocation_counter::measure(|| assert_eq!(work(), (2, "mug".to_owned())));
            info.count_total
        });
        counted.min().unwrap()
    };
    let hand = least(&mut || runtime.block_on(by_hand(session)).unwrap());
    (least(&mut || runtime.block_on(portable(session)).unwrap()), hand)
}

#[test]
fn a_statement_allocates_little_more_than_one_by_hand() {
    let counted = [
        ("PostgreSQL", allocations::<sqlx::Postgres>(&on_postgres)),
        ("MariaDB", allocations::<sqlx::MySql>(&on_mysql)),
        ("SQLite", allocations::<sqlx::Sqlite>(&on_sqlite)),
    ];
    for (database, (portable, hand)) in counted {
        assert!(portable <= hand + 3, "{database}: {portable} allocations, and {hand} by hand");
    }
}
