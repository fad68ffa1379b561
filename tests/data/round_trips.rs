//! The guard sends the server no more queries than code written by hand.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use buttress::sql::{Connect, Database, SqlDatabase, sql, transaction};
use buttress::store::{Error, Isolation, Store, TransactionOptions};
use sqlx::mysql::{MySql, MySqlConnectOptions, MySqlPoolOptions};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions, Postgres};
use sqlx::{Executor, Pool};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::support::{TestDatabase, server};

/// How often a client began to send after the server did.
#[derive(Clone, Default)]
pub(crate) struct Trips {
    count: Arc<AtomicU32>,
    server_spoke: Arc<AtomicBool>,
}

impl Trips {
    pub(crate) fn count(&self) -> u32 {
        self.count.load(Ordering::SeqCst)
    }

    fn client_speaks(&self) {
        if self.server_spoke.swap(false, Ordering::SeqCst) {
            self.count.fetch_add(1, Ordering::SeqCst);
        }
    }

    fn server_speaks(&self) {
        self.server_spoke.store(true, Ordering::SeqCst);
    }
}

/// Starts a proxy to a server that counts round trips.
pub(crate) async fn counted(server: String) -> (SocketAddr, Trips) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (addr, trips) = (listener.local_addr().unwrap(), Trips::default());
    let counts = trips.clone();
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let server = TcpStream::connect(&server).await.unwrap();
            client.set_nodelay(true).unwrap();
            server.set_nodelay(true).unwrap();
            let ((from_client, to_client), (from_server, to_server)) = (client.into_split(), server.into_split());
            let (up, down) = (counts.clone(), counts.clone());
            tokio::spawn(copy(from_client, to_server, move || up.client_speaks()));
            tokio::spawn(copy(from_server, to_client, move || down.server_speaks()));
        }
    });
    (addr, trips)
}

async fn copy(mut from: impl AsyncRead + Unpin, mut to: impl AsyncWrite + Unpin, heard: impl Fn()) {
    let mut buffer = [0; 4096];
    while let Ok(read @ 1..) = from.read(&mut buffer).await {
        heard();
        if to.write_all(&buffer[..read]).await.is_err() {
            return;
        }
    }
}

/// How many round trips the work takes; a pool of one connection shows when the last one, at its return, is over.
async fn trips_of<DB: SqlDatabase>(pool: &Pool<DB>, trips: &Trips, work: impl AsyncFn()) -> u32
where
    for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
{
    work().await; // the first run prepares the statements
    drop(pool.acquire().await.unwrap());
    let held = pool.acquire().await.unwrap();
    let before = trips.count();
    drop(held); // one round trip for its return
    work().await;
    let held = pool.acquire().await.unwrap();
    let after = trips.count();
    drop(held);
    after - before - 1
}

async fn no_more_than_by_hand<DB: TestDatabase>(pool: Pool<DB>, trips: Trips, insert: &'static str)
where
    for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
{
    let by_hand = trips_of(&pool, &trips, async || {
        let mut tx = pool.begin().await.unwrap();
        (&mut *tx).execute(insert).await.unwrap();
        tx.commit().await.unwrap();
    })
    .await;
    assert_eq!(by_hand, 4, "begin, insert, commit, and the pool's own at the return");

    let typed = trips_of(&pool, &trips, async || {
        let done: Result<_, Error> = transaction(&pool, TransactionOptions::new(), async |tx| {
            (&mut *tx).execute(insert).await?;
            Ok(())
        })
        .await;
        done.unwrap();
    })
    .await;
    assert_eq!(typed, by_hand, "typed");

    let store: Store = Database::from_pool(pool.clone()).into();
    let erased = async |options: TransactionOptions| {
        let store = store.with_options(options);
        trips_of(&pool, &trips, async || {
            let done: Result<_, Error> = store
                .transaction(async |tx| {
                    tx.sql::<DB>().await?.execute(insert).await?;
                    Ok(())
                })
                .await;
            done.unwrap();
        })
        .await
    };
    assert_eq!(erased(TransactionOptions::new()).await, by_hand, "erased");
    session_costs(&pool, &store, &trips, insert).await;
    let all = TransactionOptions::new().isolation(Isolation::RepeatableRead).deadline(Duration::from_secs(9));
    assert_eq!(erased(all).await, by_hand, "every option rides on the begin");
}

/// A statement with many rows is prepared once, like a statement with a single row.
async fn rows_cost_no_more_than_one<DB: TestDatabase>(pool: &Pool<DB>, trips: &Trips)
where
    Store: From<Pool<DB>>,
    for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
{
    let store = Store::from(pool.clone());
    let mut counted = Vec::new();
    for rows in [1_i64, 2, 8, 9, 20, 33, 50] {
        let insert = async || {
            let statement = sql("INSERT INTO t VALUES").push_rows(0..rows, |row, n| row.bind(n));
            assert_eq!(statement.execute(&mut store.session()).await.unwrap(), rows.cast_unsigned());
        };
        counted.push(trips_of(pool, trips, insert).await);
    }
    assert_eq!(counted, [counted[0]; 7]);
}

/// The cost of a session outside a transaction, with a pool that the service opened.
async fn session_costs<DB: TestDatabase>(pool: &Pool<DB>, store: &Store, trips: &Trips, insert: &'static str)
where
    for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
{
    let by_hand = trips_of(pool, trips, async || {
        (&mut *pool.acquire().await.unwrap()).execute(insert).await.unwrap();
    })
    .await;
    assert_eq!(by_hand, 2, "the statement, and the pool's own at the return");
    let session = async |store: &Store, sql: &'static str| {
        trips_of(pool, trips, async || {
            store.session().sql::<DB>().await.unwrap().execute(sql).await.unwrap();
        })
        .await
    };
    // An earlier user of the connection may have left it inside a transaction: `PostgreSQL` is asked. MariaDB is told
    // that each statement is a transaction of its own.
    assert_eq!(session(store, insert).await, by_hand + 1, "a session");
    // A begin before the statement; after it a rollback that is not awaited, and that goes with the pool's own on
    // PostgreSQL.
    let reads = session(&store.read_only(), "SELECT 1").await;
    assert_eq!(reads, by_hand + 2 + u32::from(DB::NAME == "MySQL"), "a session that reads only");
}

/// A reset if the crate opened the pool, and nothing if the session was not changed.
#[tokio::test]
async fn postgres_a_session_that_was_changed_is_reset_in_one_round_trip() {
    let fresh = Postgres::fresh(1).await;
    let port = fresh.sql.pool().connect_options().get_port();
    let (addr, trips) = counted(format!("127.0.0.1:{port}")).await;
    let address = crate::pool::address(&fresh).replace(&format!(":{port}/"), &format!(":{}/", addr.port()));
    let sql = Connect::to(&address).unwrap().max_connections(1).open_as::<Postgres>().await.unwrap();
    let store = Store::from(sql.clone());
    let cost = async |script: &'static str| {
        trips_of(sql.pool(), &trips, async || {
            store.session().sql::<Postgres>().await.unwrap().execute(sqlx::raw_sql(script)).await.unwrap();
        })
        .await
    };
    let plain = cost("SELECT 1").await;
    assert_eq!(plain, 2, "the statement, and the pool's own at the return");
    assert_eq!(cost("SELECT set_config('app.tenant', 'ann', true)").await, plain);
    assert_eq!(cost("SET app.tenant = 'ann'").await, plain + 1);
    assert_eq!(cost("SELECT set_config('app.tenant', 'ann', false)").await, plain + 1);
}

#[tokio::test]
async fn postgres() {
    let fresh = Postgres::fresh(1).await;
    fresh.run("CREATE TABLE t (n BIGINT)").await;
    let options = fresh.sql.pool().connect_options();
    let (addr, trips) = counted(format!("127.0.0.1:{}", options.get_port())).await;
    let options: PgConnectOptions = options.as_ref().clone().port(addr.port());
    let pool = PgPoolOptions::new().max_connections(1).test_before_acquire(false).connect_with(options).await.unwrap();
    rows_cost_no_more_than_one(&pool, &trips).await;
    no_more_than_by_hand(pool, trips, "INSERT INTO t VALUES (1)").await;
}

#[tokio::test]
async fn mariadb() {
    let fresh = MySql::fresh(1).await;
    fresh.run("CREATE TABLE t (n BIGINT)").await;
    let name = fresh.sql.pool().connect_options().get_database().unwrap().to_owned();
    let options: MySqlConnectOptions = server("BUTTRESS_TEST_MARIADB").parse().unwrap();
    let (addr, trips) = counted(format!("127.0.0.1:{}", options.get_port())).await;
    let options = options.database(&name).port(addr.port());
    let pool =
        MySqlPoolOptions::new().max_connections(1).test_before_acquire(false).connect_with(options).await.unwrap();
    rows_cost_no_more_than_one(&pool, &trips).await;
    no_more_than_by_hand(pool, trips, "INSERT INTO t VALUES (1)").await;
}
