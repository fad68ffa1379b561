//! Transactions of requests, on plain tower.

mod begin;
mod end;
mod handle;
mod memory;
mod polls;

use std::convert::Infallible;

use buttress::Problem;
use buttress::body::Body;
use buttress::handler::{Handler, service};
use buttress::store::{Error, Session};
use buttress::transaction::RequestTransactions;
use http::{Request, Response, StatusCode};
use sqlx::pool::PoolConnection;
use sqlx::{Executor, Postgres};
use tower::util::BoxCloneSyncService;
use tower::{ServiceBuilder, ServiceExt};

use crate::support::{Fresh, TestDatabase, eventually};

type Answer = Response<Body<Body>>;
type App = BoxCloneSyncService<Request<String>, Answer, Infallible>;

/// A handler with the layer around it.
fn app<T: 'static, N: 'static>(layer: RequestTransactions<N>, handler: impl Handler<T, (), String>) -> App {
    BoxCloneSyncService::new(ServiceBuilder::new().layer(layer).service(service(handler, ())))
}

/// The same, for the unchanged store of a test.
fn app_on<DB: TestDatabase, T: 'static>(fresh: &Fresh<DB>, handler: impl Handler<T, (), String>) -> App {
    app(RequestTransactions::new(fresh.store.clone()), handler)
}

async fn send(app: &App) -> Answer {
    app.clone().oneshot(Request::new(String::new())).await.unwrap()
}

/// The status, and the code of the problem if it is one.
fn said(answer: &Answer) -> (u16, &str) {
    (answer.status().as_u16(), answer.extensions().get().map_or("", Problem::code))
}

/// A repository function that does not know requests.
pub(crate) async fn insert<DB: TestDatabase>(on: &mut Session, id: i64) -> Result<(), Error> {
    let sql = sqlx::AssertSqlSafe(format!("INSERT INTO t VALUES ({id}, 0)"));
    on.sql::<DB>().await?.execute(sqlx::raw_sql(sql)).await?;
    Ok(())
}

/// Writes two rows, and returns the status.
pub(crate) async fn two_rows<DB: TestDatabase>(tx: &mut Session, status: u16) -> Result<StatusCode, Error> {
    insert::<DB>(tx, 1).await?;
    insert::<DB>(tx, 2).await?;
    Ok(StatusCode::from_u16(status).unwrap())
}

impl<DB: TestDatabase> Fresh<DB> {
    /// A database with an empty table.
    pub(crate) async fn with_table(connections: u32) -> Self {
        let fresh = DB::fresh(connections).await;
        fresh.run(DB::TABLE).await;
        fresh
    }

    /// Waits until all connections are back: sqlx returns them in the background.
    async fn is_at_rest(&self) {
        eventually("the connections are back", async || self.store.pool_stats().in_use() == 0).await;
    }

    pub(crate) async fn rows(&self) -> i64 {
        self.number("SELECT count(*) FROM t").await
    }
}

/// Keeps commits of rows of `t` waiting, on the server, until it is opened.
pub(crate) struct Gate(PoolConnection<Postgres>);

impl Gate {
    /// Creates the gate, open.
    pub(crate) async fn make(fresh: &Fresh<Postgres>) {
        let trigger = "CREATE FUNCTION gate() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN PERFORM pg_advisory_xact_lock(1); RETURN NULL; END $$;
            CREATE CONSTRAINT TRIGGER gate AFTER INSERT ON t DEFERRABLE INITIALLY DEFERRED
                FOR EACH ROW EXECUTE FUNCTION gate();";
        fresh.run(trigger).await;
    }

    pub(crate) async fn shut(fresh: &Fresh<Postgres>) -> Self {
        let mut lock = fresh.witness.acquire().await.unwrap();
        lock.execute("SELECT pg_advisory_lock(1)").await.unwrap();
        Self(lock)
    }

    pub(crate) async fn open(mut self) {
        self.0.execute("SELECT pg_advisory_unlock(1)").await.unwrap();
    }

    /// How many commits wait.
    pub(crate) async fn waiting(fresh: &Fresh<Postgres>) -> i64 {
        fresh.number(&format!("SELECT count(*) {}", Self::WAITING)).await
    }

    /// Ends the server processes whose commits wait.
    pub(crate) async fn cut(fresh: &Fresh<Postgres>) {
        fresh.run(&format!("SELECT pg_terminate_backend(pid) {}", Self::WAITING)).await;
    }

    const WAITING: &str = "FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event = 'advisory' AND query = 'COMMIT'";
}
