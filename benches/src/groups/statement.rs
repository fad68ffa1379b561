//! One statement on an open session: an in-memory SQLite database, and PostgreSQL if `BUTTRESS_TEST_POSTGRES` names one.

use buttress::sql::sql;
use buttress::store::Session;
use buttress::telemetry::count_queries;
use sqlx::pool::PoolConnection;
use sqlx::{Postgres, Sqlite};
use tokio::sync::Mutex;

use super::transaction::{postgres_pool, postgres_store, run, sqlite_pool, sqlite_store};
use super::{Group, contestant};

const SELECT: &str = "SELECT n FROM benched WHERE id = ? AND n >= ?";
const SELECT_POSTGRES: &str = "SELECT n FROM benched WHERE id = $1 AND n >= $2";

pub fn groups() -> Vec<Group> {
    vec![sqlite(), postgres()]
}

fn sqlite() -> Group {
    Group {
        name: "statement on SQLite",
        about: "One statement that is kept prepared and finds no row, on a connection that is held. The worker thread that \
                sqlx gives a connection is not counted.",
        net: false,
        waits: true,
        contestants: vec![
            contestant("floor: sqlx by hand", || {
                run(sqlite_connection, async |held: &Mutex<PoolConnection<Sqlite>>| {
                    let query = sqlx::query(SELECT).bind(1_i64).bind(0_i64);
                    query.fetch_optional(&mut **held.lock().await).await.expect("an answer");
                })
            }),
            contestant("sqlx's query on a session", || {
                run(sqlite_session, async |session: &Mutex<Session>| {
                    let mut session = session.lock().await;
                    let conn = session.sql::<Sqlite>().await.expect("a connection");
                    let query = sqlx::query(SELECT).bind(1_i64).bind(0_i64);
                    query.fetch_optional(conn).await.expect("an answer");
                })
            }),
            contestant("sql()", || run(sqlite_session, find)),
            contestant("sql() with a list", || run(sqlite_session, find_some)),
            contestant("sql(), counted", || run(sqlite_session, find_counted)),
        ],
    }
}

fn postgres() -> Group {
    Group {
        name: "statement on PostgreSQL",
        about: "The same on PostgreSQL, over loopback.",
        net: false,
        waits: true,
        contestants: vec![
            contestant("floor: sqlx by hand", || {
                run(postgres_connection, async |held: &Mutex<PoolConnection<Postgres>>| {
                    let query = sqlx::query(SELECT_POSTGRES).bind(1_i64).bind(0_i64);
                    query.fetch_optional(&mut **held.lock().await).await.expect("an answer");
                })
            }),
            contestant("sqlx's query on a session", || {
                run(postgres_session, async |session: &Mutex<Session>| {
                    let mut session = session.lock().await;
                    let conn = session.sql::<Postgres>().await.expect("a connection");
                    let query = sqlx::query(SELECT_POSTGRES).bind(1_i64).bind(0_i64);
                    query.fetch_optional(conn).await.expect("an answer");
                })
            }),
            contestant("sql()", || run(postgres_session, find)),
            contestant("sql() with a list", || run(postgres_session, find_some)),
            contestant("sql(), counted", || run(postgres_session, find_counted)),
        ],
    }
}

async fn find(session: &Mutex<Session>) {
    let select = sql(SELECT).bind(1).bind(0);
    select.fetch_optional(&mut *session.lock().await).await.expect("an answer");
}

async fn find_some(session: &Mutex<Session>) {
    let select = sql("SELECT n FROM benched WHERE id IN").push_list([1, 2, 3]).push("AND n >= ?").bind(0);
    select.fetch_optional(&mut *session.lock().await).await.expect("an answer");
}

async fn find_counted(session: &Mutex<Session>) {
    let ((), queries) = count_queries(find(session)).await;
    assert_eq!(queries.count, 1);
}

async fn sqlite_connection() -> Mutex<PoolConnection<Sqlite>> {
    Mutex::new(sqlite_pool().await.acquire().await.expect("a connection"))
}

async fn sqlite_session() -> Mutex<Session> {
    Mutex::new(sqlite_store().await.session())
}

async fn postgres_connection() -> Mutex<PoolConnection<Postgres>> {
    Mutex::new(postgres_pool().await.acquire().await.expect("a connection"))
}

async fn postgres_session() -> Mutex<Session> {
    Mutex::new(postgres_store().await.session())
}
