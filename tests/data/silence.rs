//! A driver that stops answering: its thread has ended, and a statement ends without a result.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use buttress::sql::{Connect, sql};
use buttress::store::{Error, ErrorKind, Outcome, Retry, Session, Store, TransactionOptions};
use futures_util::TryStreamExt;
use sqlx::{AssertSqlSafe, Executor, Postgres, SqlSafeStr, Sqlite};
use tokio::time::timeout;

use crate::support::statements::{insert, script};
use crate::support::{Fresh, TestDatabase, soak};

/// Longer than anything here that ends at all.
const LONG: Duration = Duration::from_secs(30);

/// Preparing this ends the driver's thread: a column's type is not UTF-8.
const BAD: &str = "SELECT n FROM bad";

async fn fresh() -> Fresh<Sqlite> {
    let fresh = Sqlite::fresh(1).await;
    fresh.run(Sqlite::TABLE).await;
    fresh
        .run(
            "CREATE TABLE bad (n BIGINT);
             PRAGMA writable_schema = ON;
             UPDATE sqlite_master SET sql = 'CREATE TABLE bad (n BIG' || CAST(X'FF' AS TEXT) || 'INT)' WHERE name = 'bad';
             PRAGMA writable_schema = OFF;
             CREATE TABLE seen_by_all (n BIGINT);",
        )
        .await;
    fresh
}

/// The ways to run a statement.
#[derive(Debug, Clone, Copy)]
enum Way {
    Execute,
    Optional,
    All,
    Script,
    Stream,
    One,
    Several,
    SeveralStreamed,
    Prepare,
    Describe,
}

const WAYS: [Way; 10] = [
    Way::Execute,
    Way::Optional,
    Way::All,
    Way::Script,
    Way::Stream,
    Way::One,
    Way::Several,
    Way::SeveralStreamed,
    Way::Prepare,
    Way::Describe,
];

impl Way {
    async fn run(self, on: &mut Session) -> Result<(), Error> {
        match self {
            Self::Execute => sql(BAD).execute(on).await.map(drop),
            Self::Optional => sql(BAD).fetch_optional(on).await.map(drop),
            Self::All => sql(BAD).fetch_all(on).await.map(drop),
            Self::Script => script::<Sqlite>(on, BAD).await,
            Self::Several => script::<Sqlite>(on, &format!("SELECT 1; {BAD}; SELECT 2")).await,
            Self::Stream => {
                let conn = on.sql::<Sqlite>().await?;
                Ok(sqlx::query_as::<_, (i64,)>(BAD).fetch(conn).try_for_each(async |_| Ok(())).await?)
            }
            Self::SeveralStreamed => {
                let several = sqlx::raw_sql(AssertSqlSafe(format!("SELECT 1; {BAD}")));
                Ok(on.sql::<Sqlite>().await?.fetch_many(several).try_for_each(async |_| Ok(())).await?)
            }
            Self::One => {
                let row = sqlx::query_as::<_, (i64,)>(BAD).fetch_one(on.sql::<Sqlite>().await?).await;
                Ok(row.map(drop)?)
            }
            Self::Prepare => Ok(on.sql::<Sqlite>().await?.prepare(BAD.into_sql_str()).await.map(drop)?),
            Self::Describe => Ok(on.sql::<Sqlite>().await?.describe(BAD.into_sql_str()).await.map(drop)?),
        }
    }
}

/// Repeated, because it depends on timing whether the next command meets a thread that is about to end.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn is_a_lost_connection_and_the_next_use_has_another() {
    let fresh = fresh().await;
    let mut id = 0;
    for way in std::iter::repeat_n(WAYS, soak(4, 100)).flatten() {
        id += 2;
        let mut session = fresh.store.session();
        let silent = timeout(LONG, way.run(&mut session)).await.expect("it ends");
        assert_eq!(silent.expect_err("nobody has answered").kind(), ErrorKind::ConnectionLost, "{way:?}");
        timeout(LONG, insert::<Sqlite>(&mut session, id)).await.expect("the same session goes on").unwrap();
        drop(session);
        let next = async { insert::<Sqlite>(&mut fresh.store.session(), id + 1).await };
        timeout(LONG, next).await.expect("the pool has its place back").unwrap();
        fresh.store.check(LONG).await.unwrap();
    }
    assert_eq!(fresh.number("SELECT count(*) FROM t").await, id);
    fresh.pool_is_clean().await;
}

/// Earlier work is lost with the connection, whatever the work does about it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn is_no_success_of_a_transaction() {
    let fresh = fresh().await;
    let store = fresh.store.with_options(TransactionOptions::new().retry(Retry::new().attempts(2)));
    for way in WAYS {
        for swallowed in [false, true] {
            let attempts = AtomicU32::new(0);
            let work = store.try_transaction(async |tx| {
                attempts.fetch_add(1, Ordering::SeqCst);
                insert::<Sqlite>(tx, 1).await?;
                let silent =
                    if swallowed { tx.transaction(async |tx| way.run(tx).await).await } else { way.run(tx).await };
                if swallowed { Ok(()) } else { silent }
            });
            let Outcome::RolledBack(error) = timeout(LONG, work).await.expect("it ends") else {
                panic!("nothing of it is kept: {way:?}")
            };
            let kind = if swallowed { ErrorKind::Aborted } else { ErrorKind::ConnectionLost };
            assert_eq!((error.kind(), attempts.into_inner()), (kind, 2), "{way:?}");
        }
    }
    assert_eq!(fresh.number("SELECT count(*) FROM t").await, 0);
    fresh.pool_is_clean().await;
}

/// The same without a watch, when the guard only cleans up.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_an_unguarded_connection_does_not_keep_its_place() {
    let fresh = fresh().await;
    for _ in 0..soak(20, 200) {
        let mut session = fresh.store.session();
        let conn = session.sql::<Sqlite>().await.unwrap().unguarded().await.unwrap();
        let _ = conn.execute(BAD).await;
        drop(session);
        let work = fresh.store.transaction(async |tx| {
            let conn = tx.sql::<Sqlite>().await?.unguarded().await?;
            let _ = conn.execute(BAD).await;
            Err::<(), _>(Error::corrupt("a row"))
        });
        assert!(timeout(LONG, work).await.expect("it ends").is_err());
        timeout(LONG, fresh.store.check(LONG)).await.expect("it ends").unwrap();
    }
    fresh.pool_is_clean().await;
}

/// A text without a statement has no result, which is correct.
async fn is_not_meant_by_a_text_without_a_statement<DB: TestDatabase>() {
    let fresh = DB::fresh(1).await;
    fresh.run(DB::TABLE).await;
    let texts = ["", " \n", ";", ";; ;", "-- one; two", "/* one; two */ ; -- three\n", "/* SELECT * FROM t */"];
    for text in texts {
        let mut session = fresh.store.session();
        // MySQL refuses most of them.
        match script::<DB>(&mut session, text).await {
            Err(error) if DB::NAME == "MySQL" => assert_eq!(error.kind(), ErrorKind::Other, "{text}"),
            outcome => outcome.expect(text),
        }
        script::<DB>(&mut session, "SELECT 1").await.unwrap();
    }
    fresh.pool_is_clean().await;
}

#[tokio::test]
async fn is_not_meant_by_comments_that_nest() {
    let fresh = Postgres::fresh(1).await;
    script::<Postgres>(&mut fresh.store.session(), "/* one /* two */ three */ -- four").await.unwrap();
}

/// Each of several statements has a result, and the last one's may be of any kind.
#[tokio::test]
async fn is_not_meant_by_several_statements() {
    let fresh = Sqlite::fresh(1).await;
    fresh.run(Sqlite::TABLE).await;
    let mut session = fresh.store.session();
    for text in [
        "INSERT INTO t VALUES (1, 0); SELECT * FROM t; -- done",
        "SELECT * FROM t WHERE id = 404; UPDATE t SET n = 1 WHERE id = 404",
        "SELECT 'a;b'; SELECT id * n, t.* FROM t; /* done */ ;",
    ] {
        script::<Sqlite>(&mut session, text).await.expect(text);
    }
    let conn = session.sql::<Sqlite>().await.unwrap();
    let steps: Vec<_> = conn.fetch_many(sqlx::raw_sql("SELECT * FROM t; DELETE FROM t")).try_collect().await.unwrap();
    let results: Vec<_> = steps.iter().map(|step| step.is_left()).collect();
    assert_eq!(results, [false, true, true], "a row, the result of the first, and of the second");
    drop(session);
    fresh.pool_is_clean().await;
}

/// A writer that a session is using is alive; a writer that no session has, and that does not come back, is not.
#[tokio::test]
async fn of_the_writer_is_seen_by_a_readiness_probe() {
    let dir = tempfile::tempdir().unwrap();
    let file = Connect::to(&format!("sqlite:{}", dir.path().join("shop.db").display())).unwrap();
    for connect in [file, Connect::to("sqlite::memory:").unwrap()] {
        let db = connect.open_as::<Sqlite>().await.unwrap();
        let store = Store::from(db.clone());
        store.check(LONG).await.unwrap();
        let busy: Result<(), Error> = store
            .transaction(async |_| {
                store.check(LONG).await?;
                let elsewhere = store.clone();
                tokio::spawn(async move { elsewhere.check(LONG).await }).await.unwrap()
            })
            .await;
        busy.expect("a busy writer is not waited for");

        let lost = db.pool().acquire().await.unwrap();
        let missing = store.check(Duration::from_millis(100)).await;
        assert_eq!(missing.unwrap_err().kind(), ErrorKind::DeadlineExceeded);
        drop(lost);
        store.check(LONG).await.unwrap();
    }
}

on_every_database! {
    is_not_meant_by_a_text_without_a_statement;
}
