//! Servers and connections on which a single statement is not a transaction of its own.

use buttress::sql::{Database, transaction};
use buttress::store::{Error, Session, Store, TransactionOptions};
use sqlx::mysql::MySqlPoolOptions;
use sqlx::{Executor, MySql};

use crate::support::statements::{insert, run};
use crate::support::{Fresh, TestDatabase};

/// A pool of one connection whose session begins with these settings, as on a server that sets them for all sessions.
async fn taken_over(begins: &'static str) -> Fresh<MySql> {
    let mut fresh = MySql::fresh(1).await;
    fresh.run(MySql::TABLE).await;
    let options = fresh.sql.pool().connect_options().as_ref().clone();
    let pool = MySqlPoolOptions::new()
        .max_connections(1)
        .after_connect(move |connection, _| Box::pin(async move { connection.execute(begins).await.map(drop) }));
    fresh.sql = Database::from_pool(pool.connect_with(options).await.unwrap());
    fresh.store = Store::from(fresh.sql.clone());
    fresh
}

const SETTINGS: [&str; 4] = [
    "SET autocommit = 0",
    "SET completion_type = 'CHAIN'",
    "SET autocommit = 0, completion_type = 'CHAIN'",
    "SET autocommit = 0, completion_type = 'RELEASE'",
];

#[tokio::test]
async fn what_a_session_writes_is_kept_at_once() {
    for settings in SETTINGS {
        let fresh = taken_over(settings).await;
        let mut session = fresh.store.session();
        insert::<MySql>(&mut session, 1).await.unwrap();
        assert_eq!(fresh.number("SELECT count(*) FROM t").await, 1, "{settings}");
        run::<MySql>(&mut session, "UPDATE t SET n = 7").await.unwrap();
        assert_eq!(fresh.number("SELECT n FROM t").await, 7, "{settings}");
        fresh.run("UPDATE t SET n = 8").await;
        let seen = sqlx::query_scalar("SELECT n FROM t").fetch_one(session.sql::<MySql>().await.unwrap()).await;
        assert_eq!(seen.unwrap_or(0_i64), 8, "{settings}: a later statement sees what is there later");
        drop(session);
        fresh.pool_is_clean().await;
    }
}

#[tokio::test]
async fn a_transaction_leaves_none_behind() {
    for settings in SETTINGS {
        let fresh = taken_over(settings).await;
        for id in [1, 2] {
            let kept: Result<(), Error> = fresh.store.transaction(async |tx| insert::<MySql>(tx, id).await).await;
            kept.unwrap();
            assert_eq!(fresh.number("SELECT max(id) FROM t").await, id, "{settings}");
            fresh.pool_is_clean().await;
        }
        let pool = fresh.sql.pool();
        let typed = transaction(pool, TransactionOptions::new(), async |tx| insert::<MySql>(tx, 3).await);
        typed.await.unwrap();
        assert_eq!(fresh.number("SELECT max(id) FROM t").await, 3, "{settings}");
        let undone: Result<(), Error> = fresh
            .store
            .transaction(async |tx: &mut Session| {
                insert::<MySql>(tx, 4).await?;
                Err(Error::corrupt("a row"))
            })
            .await;
        undone.unwrap_err();
        fresh.pool_is_clean().await;
        insert::<MySql>(&mut fresh.store.session(), 5).await.unwrap();
        assert_eq!(fresh.number("SELECT max(id) FROM t").await, 5, "{settings}");
        fresh.pool_is_clean().await;
    }
}

/// Another user of the pool may have changed the connection since.
#[tokio::test]
async fn a_session_begins_on_a_connection_that_was_left_in_a_transaction() {
    let fresh = MySql::fresh(1).await;
    fresh.run(MySql::TABLE).await;
    for (id, left) in (1..).zip(["SET autocommit = 0", "BEGIN", "SET autocommit = 0; BEGIN"]) {
        MySql::run(fresh.sql.pool(), left).await.unwrap();
        insert::<MySql>(&mut fresh.store.session(), id).await.unwrap();
        assert_eq!(fresh.number("SELECT max(id) FROM t").await, id, "{left}");
        fresh.pool_is_clean().await;
    }
}
