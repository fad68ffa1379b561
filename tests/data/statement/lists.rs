//! Lists for `IN`, and rows for `VALUES`.

use buttress::Timestamp;
use buttress::sql::{IntoValue, sql};
use buttress::store::{Error, ErrorKind, Session};
use uuid::Uuid;

use crate::support::{Fresh, TestDatabase};

async fn hundred<DB: TestDatabase>() -> Fresh<DB> {
    let fresh = DB::fresh(1).await;
    fresh.run(DB::TABLE).await;
    let rows = (0..100).map(|n| (n, n % 10));
    let insert = sql("INSERT INTO t VALUES").push_rows(rows, |row, (id, n)| row.bind(id).bind(n));
    assert_eq!(insert.execute(&mut fresh.store.session()).await.unwrap(), 100);
    assert_eq!(fresh.number("SELECT sum(id * 10 + n) FROM t").await, 49_950);
    fresh
}

/// How many rows are in a list, and how many are not, among the rows with a given number.
async fn within(on: &mut Session, n: i64, ids: &[i64]) -> (i64, i64) {
    let inside = sql("SELECT count(*) FROM t WHERE n = ? AND id IN").bind(n).push_list(ids).push("AND id >= ?").bind(0);
    let outside = sql("SELECT count(*) FROM t WHERE n = ? AND id NOT IN").bind(n).push_list(ids.iter().copied());
    let inside = inside.fetch_one(on).await.unwrap().get(0).unwrap();
    (inside, outside.fetch_one(on).await.unwrap().get(0).unwrap())
}

async fn a_list_is_a_set<DB: TestDatabase>() {
    let fresh = hundred::<DB>().await;
    let on = &mut fresh.store.session();
    assert_eq!(within(on, 1, &[]).await, (0, 10));
    assert_eq!(within(on, 1, &[1]).await, (1, 9));
    assert_eq!(within(on, 1, &[1, 11, 2]).await, (2, 8));
    assert_eq!(within(on, 1, &[1, 1, 1, 11, 21]).await, (3, 7));
    let all: Vec<i64> = (0..3_000).collect();
    for length in [99, 128, 129, 1_024, 1_025, 3_000] {
        assert_eq!(within(on, 1, &all[..length]).await, (10, 0), "{length}");
    }
}

async fn empty<'q, V: IntoValue<'q>>(on: &mut Session, column: &'static str) -> (usize, usize) {
    let inside = sql("SELECT id FROM e WHERE").push(column).push("IN").push_list(Vec::<V>::new());
    let outside = sql("SELECT id FROM e WHERE").push(column).push("NOT IN").push_list(Vec::<V>::new());
    (inside.fetch_all(on).await.unwrap().len(), outside.fetch_all(on).await.unwrap().len())
}

async fn a_list_of_nothing_has_a_type<DB: TestDatabase>() {
    let fresh = DB::fresh(1).await;
    let on = &mut fresh.store.session();
    sql("CREATE TABLE e (id BIGINT, words TEXT, k UUID, at TIMESTAMPTZ, raw BYTEA, f DOUBLE PRECISION, b BOOLEAN)")
        .mysql("CREATE TABLE e (id BIGINT, words TEXT, k BINARY(16), at DATETIME(6), raw BLOB, f DOUBLE, b BOOLEAN)")
        .sqlite("CREATE TABLE e (id INTEGER, words TEXT, k BLOB, at INTEGER, raw BLOB, f REAL, b INTEGER) STRICT")
        .execute(on)
        .await
        .unwrap();
    sql("INSERT INTO e (id) VALUES (1), (2)").execute(on).await.unwrap();
    // `NULL NOT IN` an empty list is true, too: there is no value to compare with.
    assert_eq!(empty::<i64>(on, "id").await, (0, 2));
    assert_eq!(empty::<&str>(on, "words").await, (0, 2));
    assert_eq!(empty::<Uuid>(on, "k").await, (0, 2));
    assert_eq!(empty::<Timestamp>(on, "at").await, (0, 2));
    assert_eq!(empty::<Vec<u8>>(on, "raw").await, (0, 2));
    assert_eq!(empty::<f64>(on, "f").await, (0, 2));
    assert_eq!(empty::<bool>(on, "b").await, (0, 2));
    assert_eq!(empty::<Option<u32>>(on, "id").await, (0, 2));
}

async fn no_rows_are_no_statement<DB: TestDatabase>() {
    let fresh = hundred::<DB>().await;
    let on = &mut fresh.store.session();
    let none = || sql("INSERT INTO no_such_table VALUES").push_rows(Vec::<i64>::new(), |row, n| row.bind(n));
    assert_eq!(none().execute(on).await.unwrap(), 0);
    assert!(none().fetch_all(on).await.unwrap().is_empty());
    assert!(none().fetch_optional(on).await.unwrap().is_none());
    assert_eq!(none().fetch_one(on).await.unwrap_err().kind(), ErrorKind::RowNotFound);
}

async fn rows_stand_between_words<DB: TestDatabase>() {
    let fresh = hundred::<DB>().await;
    let on = &mut fresh.store.session();
    let upsert = |rows: Vec<(i64, i64)>| {
        sql("INSERT INTO t (id, n) VALUES")
            .push_rows(rows, |row, (id, n)| row.bind(id).bind(n))
            .push("ON CONFLICT (id) DO UPDATE SET n = t.n + excluded.n + ?")
            .mysql("ON DUPLICATE KEY UPDATE n = t.n + VALUES(n) + ?")
            .bind(1_000)
    };
    upsert(vec![(7, 100), (200, 5)]).execute(on).await.unwrap();
    assert_eq!(fresh.number("SELECT n FROM t WHERE id = 7").await, 1_107);
    assert_eq!(fresh.number("SELECT n FROM t WHERE id = 200").await, 5);
}

async fn a_database_takes_so_many_values<DB: TestDatabase>() {
    let fresh = hundred::<DB>().await;
    let done: Result<(i64, i64), Error> = fresh
        .store
        .transaction(async |tx| {
            let many = sql("SELECT count(*) FROM t WHERE id IN").push_list(0..65_536);
            assert_eq!(many.fetch_one(tx).await.unwrap_err().kind(), ErrorKind::Unsupported);
            let most = sql("SELECT count(*) FROM t WHERE id IN").push_list(0..32_766).fetch_one(tx).await?;
            let rows = (1_000..3_000).map(i64::from);
            let insert = sql("INSERT INTO t VALUES").push_rows(rows, |row, n| row.bind(n).bind(0)).execute(tx).await?;
            assert_eq!(insert, 2_000);
            Ok((most.get(0)?, sql("SELECT count(*) FROM t").fetch_one(tx).await?.get(0)?))
        })
        .await;
    assert_eq!(done.unwrap(), (100, 2_100));
}

on_every_database! {
    a_list_is_a_set;
    a_list_of_nothing_has_a_type;
    no_rows_are_no_statement;
    rows_stand_between_words;
    a_database_takes_so_many_values;
}
