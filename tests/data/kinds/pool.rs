//! The errors of a pool that has no connection to give.

use std::time::Duration;

use buttress::sql::Database;
use buttress::store::ErrorKind::{Configuration, ConnectionLost, PoolClosed, PoolExhausted, RowNotFound};
use buttress::store::{Error, ErrorKind, Store};
use sqlx::mysql::{MySqlConnectOptions, MySqlPoolOptions};
use sqlx::pool::PoolOptions;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{Connection, MySql, Pool, Postgres};
use tokio::net::TcpListener;

use super::{ONCE, is, run};
use crate::support::TestDatabase;

const SOON: Duration = Duration::from_millis(100);

async fn nobody_gives_a_connection_back<DB: TestDatabase>() {
    let fresh = DB::fresh(1).await;
    let options = PoolOptions::<DB>::new().max_connections(1).acquire_timeout(SOON);
    let sql = Database::from_pool(options.connect_lazy_with((*fresh.sql.pool().connect_options()).clone()));
    let store = Store::from(sql.clone()).with_options(ONCE);
    let held = sql.pool().acquire().await.unwrap();
    is(&run::<DB>(&mut store.session(), "SELECT 1").await.unwrap_err(), PoolExhausted);
    let failed: Result<(), Error> = store.transaction(async |tx| run::<DB>(tx, "SELECT 1").await).await;
    is(&failed.unwrap_err(), PoolExhausted);
    is(&store.check(Duration::from_secs(10)).await.unwrap_err(), PoolExhausted);
    assert_eq!(store.pool_stats().timed_out, 3);
    drop(held);

    store.close(Duration::from_secs(10)).await.unwrap();
    is(&run::<DB>(&mut store.session(), "SELECT 1").await.unwrap_err(), PoolClosed);
    let failed: Result<(), Error> = store.transaction(async |tx| run::<DB>(tx, "SELECT 1").await).await;
    is(&failed.unwrap_err(), PoolClosed);
}

async fn a_row_that_is_not_there_is_no_failure_of_the_database<DB: TestDatabase>() {
    let fresh = DB::fresh(1).await;
    let mut session = fresh.store.session();
    let missing = sqlx::Executor::fetch_one(session.sql::<DB>().await.unwrap(), "SELECT 1 WHERE 1 = 0").await;
    assert_eq!(Error::from(missing.map(drop).unwrap_err()).kind(), RowNotFound);
}

on_every_database! {
    nobody_gives_a_connection_back;
    a_row_that_is_not_there_is_no_failure_of_the_database;
}

/// A pool of a server at this port.
fn pools(port: u16) -> (Pool<Postgres>, Pool<MySql>) {
    let postgres = PgConnectOptions::new_without_pgpass().host("127.0.0.1").port(port);
    let mariadb = MySqlConnectOptions::new().host("127.0.0.1").port(port);
    (
        PgPoolOptions::new().acquire_timeout(SOON).connect_lazy_with(postgres),
        MySqlPoolOptions::new().acquire_timeout(SOON).connect_lazy_with(mariadb),
    )
}

async fn both_fail_with(port: u16, kind: ErrorKind) {
    let (postgres, mariadb) = pools(port);
    is(&run::<Postgres>(&mut Store::from(postgres).session(), "SELECT 1").await.unwrap_err(), kind);
    is(&run::<MySql>(&mut Store::from(mariadb).session(), "SELECT 1").await.unwrap_err(), kind);
}

/// A pool takes a refusal for a server that is starting, and tries until its time is up.
#[tokio::test]
async fn a_refused_connection_is_waited_for() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    both_fail_with(port, PoolExhausted).await;
    let refused = sqlx::PgConnection::connect_with(&pools(port).0.connect_options()).await.unwrap_err();
    is(&refused.into(), ConnectionLost);
}

#[tokio::test]
async fn a_server_that_says_nothing_is_given_up() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    both_fail_with(listener.local_addr().unwrap().port(), PoolExhausted).await;
}

#[tokio::test]
async fn a_server_that_hangs_up_is_a_lost_connection() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            drop(socket);
        }
    });
    both_fail_with(port, ConnectionLost).await;
    server.abort();
}

#[tokio::test]
async fn an_address_that_is_none_is_a_matter_of_configuration() {
    let wrong = Pool::<Postgres>::connect_lazy("postgres://user:hushhush@host:port/").unwrap_err();
    is(&wrong.into(), Configuration);
}
