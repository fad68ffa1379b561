//! Statements that name no database.

mod cost;
mod lists;
mod parameters;
mod refused;
mod values;
mod words;

use buttress::sql::{Row, sql};
use buttress::store::{Error, ErrorKind, Memory, Session, Store};

use crate::support::TestDatabase;

async fn take(on: &mut Session, sku: &str, n: i64) -> Result<bool, Error> {
    let done = sql("UPDATE products SET stock = stock - ?, version = version + 1 WHERE sku = ? AND stock >= ?")
        .bind(n)
        .bind(sku)
        .bind(n)
        .execute(on)
        .await?;
    Ok(done == 1)
}

async fn stock(on: &mut Session, sku: &str) -> Result<Option<i64>, Error> {
    let row: Option<Row> = sql("SELECT stock FROM products WHERE sku = ?").bind(sku).fetch_optional(on).await?;
    row.map(|row| row.get("stock")).transpose()
}

async fn one_function_runs_on_every_handle<DB: TestDatabase>() {
    let fresh = DB::fresh(2).await;
    fresh
        .run("CREATE TABLE products (sku VARCHAR(32) PRIMARY KEY, stock INTEGER NOT NULL, version INTEGER NOT NULL)")
        .await;
    fresh.run("INSERT INTO products VALUES ('mug', 5, 1)").await;

    let mut session = fresh.store.session();
    assert!(take(&mut session, "mug", 1).await.unwrap());
    assert!(!take(&mut session, "cup", 1).await.unwrap());
    let left = fresh
        .store
        .transaction(async |tx| {
            assert!(take(tx, "mug", 1).await?);
            tx.transaction(async |tx| take(tx, "mug", 1).await).await?;
            stock(tx, "mug").await
        })
        .await;
    assert_eq!(left.map_err(|e: Error| e).unwrap(), Some(2));
    let left: Result<_, Error> = fresh
        .sql
        .transaction(Default::default(), async |tx| {
            assert!(take(tx, "mug", 1).await?);
            stock(tx, "mug").await
        })
        .await;
    assert_eq!(left.unwrap(), Some(1));
    assert_eq!(stock(&mut session, "cup").await.unwrap(), None);
}

async fn an_error_means_what_it_means_to_the_guard<DB: TestDatabase>() {
    let fresh = DB::fresh(1).await;
    fresh.run(DB::TABLE).await;
    let insert = |id: i64| sql("INSERT INTO t VALUES (?, 0)").bind(id);
    let taken = fresh
        .store
        .transaction(async |tx| {
            insert(1).execute(tx).await?;
            insert(1).execute(tx).await
        })
        .await;
    assert_eq!(taken.map_err(|error: Error| error.kind()).unwrap_err(), ErrorKind::UniqueViolation);
    assert_eq!(fresh.number("SELECT count(*) FROM t").await, 0);

    let swallowed: Result<(), Error> = fresh
        .store
        .transaction(async |tx| {
            insert(1).execute(tx).await?;
            let taken = tx.transaction(async |tx| insert(1).execute(tx).await).await.unwrap_err();
            assert_eq!(taken.kind(), ErrorKind::UniqueViolation);
            insert(2).execute(tx).await?;
            let _ = insert(2).execute(tx).await.unwrap_err();
            Ok(())
        })
        .await;
    // If an error ends the transaction, none of it is kept; on other databases only the statement is undone.
    match swallowed {
        Ok(()) => assert_eq!(fresh.number("SELECT count(*) FROM t").await, 2),
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::Aborted);
            assert_eq!(fresh.number("SELECT count(*) FROM t").await, 0);
        }
    }
    fresh.pool_is_clean().await;
}

async fn the_constraint_has_a_name<DB: TestDatabase>() {
    let fresh = DB::fresh(1).await;
    fresh.run("CREATE TABLE o (id BIGINT PRIMARY KEY, c VARCHAR(9), CONSTRAINT o_c_key UNIQUE (c))").await;
    let on = &mut fresh.store.session();
    let insert = |id: i64| sql("INSERT INTO o VALUES (?, ?)").bind(id).bind("ann@x");
    insert(1).execute(on).await.unwrap();
    let error = insert(2).execute(on).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UniqueViolation);
    assert!(matches!(error.constraint(), Some("o_c_key" | "o.c")), "{error}");
    assert!(!format!("{error:?}").contains("ann@x"), "{error:?}");
}

/// How many statements a connection keeps prepared, asked on the connection itself.
async fn prepared(on: &mut Session) -> i64 {
    let count = sql("SELECT count(*) FROM pg_prepared_statements").fetch_one(on).await.unwrap();
    count.get(0).unwrap()
}

#[tokio::test]
async fn lists_do_not_flood_what_is_kept_prepared() {
    let fresh = sqlx::Postgres::fresh(1).await;
    fresh.run(sqlx::Postgres::TABLE).await;
    let on = &mut fresh.store.session();
    let before = prepared(on).await;
    for length in 0..=64 {
        sql("SELECT id FROM t WHERE id IN").push_list(0..length).fetch_all(on).await.unwrap();
    }
    // 0, 1, 2, 4, 8, 16, 32 and 64.
    assert_eq!(prepared(on).await - before, 8);
    for length in 1..=64 {
        sql("INSERT INTO t VALUES")
            .push_rows(0..length, |row, n| row.bind(1_000 * length + n).bind(0))
            .execute(on)
            .await
            .unwrap();
    }
    // As many as cost no further message, and no more: a driver keeps 100.
    assert_eq!(prepared(on).await - before, 8 + 50);
}

#[tokio::test]
async fn a_store_of_another_kind_is_an_error() {
    let store = Store::from(Memory::new(0_i64));
    let statement = || sql("SELECT 1");
    let refused = statement().execute(&mut store.session()).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::WrongStore);
    let refused: Result<(), Error> = store.transaction(async |tx| statement().fetch_one(tx).await.map(drop)).await;
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::WrongStore);
}

on_every_database! {
    one_function_runs_on_every_handle;
    an_error_means_what_it_means_to_the_guard;
    the_constraint_has_a_name;
}
