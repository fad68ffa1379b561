//! PostgreSQL's `COPY … FROM STDIN`, on sqlx's own connection, cut half-way in any manner: none of it is kept, and the
//! connection does not come back in the middle of it.

use buttress::store::{Error, Session};
use sqlx::Postgres;
use sqlx::postgres::PgConnection;

use crate::support::statements::insert;
use crate::support::{Fresh, TestDatabase};

/// How a copy ends.
#[derive(Debug, Clone, Copy)]
enum End {
    Finished,
    /// The server cannot parse its rows.
    Malformed,
    Aborted,
    Dropped,
    /// The server ends the connection.
    Terminated,
    /// The whole work is dropped.
    Cancelled,
}

async fn copy(connection: &mut PgConnection, end: End, fresh: &Fresh<Postgres>) -> Result<(), Error> {
    let mut copy = connection.copy_in_raw("COPY t (id, n) FROM STDIN").await?;
    copy.send("1\t1\n2\t2\n".as_bytes()).await?;
    match end {
        End::Finished => drop(copy.finish().await?),
        End::Malformed => {
            copy.send("three\t3\n".as_bytes()).await?;
            copy.finish().await?;
        }
        End::Aborted => copy.abort("the test wants it").await?,
        End::Dropped => drop(copy),
        End::Terminated => {
            fresh.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'COPY t %'").await;
            copy.finish().await?;
        }
        End::Cancelled => std::future::pending().await,
    }
    Ok(())
}

/// A copy inside a transaction, between two statements.
async fn in_a_transaction(fresh: &Fresh<Postgres>, end: End) -> Result<(), Error> {
    fresh
        .store
        .transaction_once(async move |tx: &mut Session| {
            insert::<Postgres>(tx, 10).await?;
            copy(tx.sql::<Postgres>().await?.unguarded().await?, end, fresh).await?;
            insert::<Postgres>(tx, 11).await
        })
        .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_that_is_cut_half_way_leaves_nothing() {
    let fresh = Postgres::fresh(2).await;
    fresh.run(Postgres::TABLE).await;
    for end in [End::Malformed, End::Aborted, End::Dropped, End::Terminated] {
        let ended = in_a_transaction(&fresh, end).await;
        assert!(ended.is_err(), "{end:?}");
        assert_eq!(fresh.number("SELECT count(*) FROM t").await, 0, "{end:?}: {ended:?}");
        fresh.pool_is_clean().await;
    }
    in_a_transaction(&fresh, End::Finished).await.unwrap();
    assert_eq!(fresh.number("SELECT sum(id) FROM t").await, 1 + 2 + 10 + 11);
    fresh.pool_is_clean().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_whose_work_is_dropped_leaves_nothing() {
    let fresh = Postgres::fresh(1).await;
    fresh.run(Postgres::TABLE).await;
    for _ in 0..5 {
        let begun = async {
            while fresh.number("SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'COPY t %'").await == 0 {
                tokio::task::yield_now().await;
            }
        };
        tokio::select! {
            ended = in_a_transaction(&fresh, End::Cancelled) => panic!("{ended:?}"),
            () = begun => {}
        }
        fresh.pool_is_clean().await;
    }
    assert_eq!(fresh.number("SELECT count(*) FROM t").await, 0);
}
