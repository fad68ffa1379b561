//! Statements that name no database.

use buttress::data::sql::{Row, sql};
use buttress::data::{Error, Kind, Session};

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

async fn a_wrong_count_is_an_error_before_anything_is_sent<DB: TestDatabase>() {
    let fresh = DB::fresh(1).await;
    let mut session = fresh.store.session();
    let few = sql("SELECT ? + ?").bind(1).fetch_one(&mut session).await.unwrap_err();
    assert_eq!(few.kind(), Kind::Configuration);
    let one = sql("SELECT 1").fetch_one(&mut session).await.unwrap();
    assert_eq!(one.get::<i64>(0).unwrap(), 1);
}

on_every_database! {
    one_function_runs_on_every_handle;
    a_wrong_count_is_an_error_before_anything_is_sent;
}
