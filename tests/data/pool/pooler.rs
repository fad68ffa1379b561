//! Behind `PgBouncer`, with a session per client, and with shared sessions.

use std::time::Duration;

use buttress::outbox::{Delivery, Event, Outbox};
use buttress::sql::{Connect, Database, Migrations, sql};
use buttress::store::{Error, ErrorKind, Store, TransactionOptions};
use sqlx::postgres::PgPoolOptions;
use sqlx::{AssertSqlSafe, Postgres, Row as _};
use tokio::sync::mpsc;
use tokio::task::block_in_place;

use super::address;
use crate::migrate::{migrations, set};
use crate::support::cut::{Moment, cut};
use crate::support::server::{PrivateServer, ServerKind};
use crate::support::{Fresh, TestDatabase, chain, eventually, server};

const PATIENT: Duration = Duration::from_secs(30);

fn port(url: &str) -> &str {
    url.rsplit_once(':').unwrap().1.split('/').next().unwrap()
}

/// A pooler in front of the tests' server, with this many sessions for each database.
fn pooler(mode: &str, sessions: u32, more: &[&str]) -> PrivateServer {
    let upstream = format!("--upstream={}", port(&server("BUTTRESS_TEST_POSTGRES")));
    let (mode, sessions) = (format!("--pool_mode={mode}"), format!("--default_pool_size={sessions}"));
    block_in_place(|| {
        PrivateServer::start_with(ServerKind::PgBouncer, &[&[&*upstream, &mode, &sessions], more].concat())
    })
}

/// A test's own database, through a pooler.
fn through(pooler: &PrivateServer, fresh: &Fresh<Postgres>) -> String {
    let direct = address(fresh);
    let (_, database) = direct.split_once('?').map_or(&*direct, |(direct, _)| direct).rsplit_once('/').unwrap();
    format!("{}/{database}", pooler.url().rsplit_once('/').unwrap().0)
}

async fn shared(url: &str) -> Store {
    Connect::to(url).unwrap().unprepared().max_connections(2).open().await.unwrap()
}

/// The locks and the limit that remain on the pooler's sessions.
async fn left_behind(fresh: &Fresh<Postgres>, url: &str) -> (i64, String) {
    let locks = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database =
                 (SELECT oid FROM pg_database WHERE datname = current_database())";
    let pool = PgPoolOptions::new().max_connections(1).connect_with(options(url)).await.unwrap();
    let row = sqlx::raw_sql("SHOW statement_timeout").fetch_one(&pool).await.unwrap();
    (fresh.number(locks).await, row.get(0))
}

fn options(url: &str) -> sqlx::postgres::PgConnectOptions {
    url.parse::<sqlx::postgres::PgConnectOptions>().unwrap().extra_float_digits(None)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn shared_sessions_are_refused_with_what_to_do() {
    // With the setting without which sqlx by itself does not get through.
    let lenient = "--ignore_startup_parameters=extra_float_digits,options";
    for (sessions, more) in [(1, &[lenient][..]), (3, &[lenient]), (1, &[]), (5, &[]), (2, &["--server_round_robin=1"])]
    {
        let (fresh, pooler) = (Postgres::fresh(1).await, pooler("transaction", sessions, more));
        let url = through(&pooler, &fresh);
        let error = Connect::to(&url).unwrap().start_within(PATIENT).open().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration, "{error:?}");
        let said = chain(&error);
        assert!(said.ends_with("in 1 attempt"), "it is not waited for: {said}");
        assert!(said.contains("pool_mode = session") && said.contains("Connect::unprepared"), "{said}");
        assert_eq!(left_behind(&fresh, &url).await, (0, "0".to_owned()), "nothing was set");

        // A lazy store is refused at its first use.
        let lazy = Connect::to(&url).unwrap().lazy().acquire_timeout(Duration::from_millis(300)).open().await.unwrap();
        assert!(lazy.check(PATIENT).await.is_err());
        assert_eq!(left_behind(&fresh, &url).await, (0, "0".to_owned()), "nothing was set");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_works_behind_a_pooler() {
    for (mode, sessions, parameter) in [
        ("session", 20, ""),
        ("session", 20, "?statement-cache-capacity=0"),
        ("transaction", 1, "?statement-cache-capacity=0"),
        ("transaction", 5, "?statement-cache-capacity=0"),
    ] {
        println!("{mode}, {sessions} sessions {parameter}");
        let (fresh, pooler) = (Postgres::fresh(1).await, pooler(mode, sessions, &[]));
        let url = format!("{}{parameter}", through(&pooler, &fresh));
        let one = Connect::to(&url).unwrap().max_connections(4).open().await.unwrap();
        let other = Connect::to(&url).unwrap().max_connections(4).open().await.unwrap();
        let table = set(&["CREATE TABLE t (id bigint PRIMARY KEY, n bigint NOT NULL)"]);
        for store in [&one, &other, &one] {
            Migrations::new().postgres(table).run(store).await.unwrap();
            Outbox::new().migrate(store).await.unwrap();
        }
        transactions_and_sessions(&one).await;
        clients_take_turns(&one, &other).await;
        for store in [&one, &other, &one] {
            resolvable(store).await;
        }
        events_arrive(&one, &other).await;
        for store in [one, other] {
            store.close(PATIENT).await.unwrap();
        }
        eventually("nothing is left open", async || Postgres::open_transactions(&fresh).await == 0).await;
        if mode == "transaction" {
            assert_eq!(left_behind(&fresh, &url).await, (0, "0".to_owned()));
        }
    }
}

/// An insert of a row that exists already.
async fn taken(store: &Store) -> Result<u64, Error> {
    sql("INSERT INTO t VALUES (?, ?)").bind(1).bind(9).execute(&mut store.session()).await
}

async fn transactions_and_sessions(store: &Store) {
    let mut session = store.session();
    sql("INSERT INTO t VALUES (?, ?)").bind(1).bind(10).execute(&mut session).await.unwrap();
    assert_eq!(taken(store).await.unwrap_err().kind(), ErrorKind::UniqueViolation);
    let rows = sql("SELECT n FROM t WHERE id = ?").bind(1).fetch_all(&mut session).await.unwrap();
    assert_eq!(rows.len(), 1);

    let on = session.sql::<Postgres>().await.unwrap();
    let n: i64 = sqlx::query_scalar("SELECT n FROM t WHERE id = $1").bind(1_i64).fetch_one(&mut *on).await.unwrap();
    assert_eq!(n, 10);
    let none = sqlx::query("SELECT n FROM t WHERE id = $1").bind(7_i64).fetch_optional(&mut *on).await.unwrap();
    assert!(none.is_none());
    drop(session);

    let done: Result<(), Error> = store
        .transaction(async |tx| {
            sql("UPDATE t SET n = n + ? WHERE id = ?").bind(1).bind(1).execute(tx).await?;
            let part: Result<(), Error> = tx
                .transaction(async |tx| {
                    sql("INSERT INTO t VALUES (?, ?)").bind(1).bind(0).execute(tx).await?;
                    Ok(())
                })
                .await;
            assert_eq!(part.unwrap_err().kind(), ErrorKind::UniqueViolation);
            let on = tx.sql::<Postgres>().await?;
            sqlx::query("UPDATE t SET n = n + $1").bind(1_i64).execute(on).await?;
            Ok(())
        })
        .await;
    done.unwrap();
    let n = sql("SELECT n FROM t").fetch_one(&mut store.session()).await.unwrap();
    assert_eq!(n.get::<i64>(0).unwrap(), 12);
}

/// A transaction that asks for its id.
async fn resolvable(store: &Store) {
    let store = store.with_options(TransactionOptions::new().resolvable());
    let done: Result<u64, Error> =
        store.transaction(async |tx| sql("UPDATE t SET n = n + ?").bind(0).execute(tx).await).await;
    done.unwrap();
}

/// Each client prepares its own statements, under the same names.
async fn clients_take_turns(one: &Store, other: &Store) {
    for turn in 0..20_i64 {
        let mut sessions = [one.session(), other.session()];
        let [mine, theirs] = &mut sessions;
        let (mine, theirs) = tokio::join!(
            sql("SELECT ? + 1").bind(turn).fetch_one(mine),
            sql("SELECT CAST(? AS TEXT) || ?").bind("t").bind("heirs").fetch_one(theirs),
        );
        assert_eq!(mine.unwrap().get::<i64>(0).unwrap(), turn + 1);
        assert_eq!(theirs.unwrap().get::<String>(0).unwrap(), "theirs");
    }
}

async fn events_arrive(writer: &Store, reader: &Store) {
    let (heard, mut hears) = mpsc::unbounded_channel();
    let publisher = move |delivery: Delivery| {
        let heard = heard.clone();
        async move { heard.send(delivery.kind().to_owned()).map_err(|_| "nobody listens") }
    };
    let relay = Outbox::new().relay(reader, publisher).poll_interval(Duration::from_millis(20)).spawn();
    let written: Result<(), Error> = writer
        .transaction(async |tx| {
            Outbox::new().write(tx, Event::new("paid").key("a")).await?;
            Ok(())
        })
        .await;
    written.unwrap();
    assert_eq!(tokio::time::timeout(PATIENT, hears.recv()).await.unwrap().unwrap(), "paid");
    relay.stop(PATIENT).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn migrations_leave_nothing_on_a_shared_session() {
    let (fresh, pooler) = (Postgres::fresh(1).await, pooler("transaction", 1, &[]));
    let url = through(&pooler, &fresh);
    let store = shared(&url).await;
    let broken = Migrations::new().postgres(set(&["CREATE TABLE a (n bigint)", "SELECT nonsense"]));
    for _ in 0..2 {
        let error = broken.run(&store).await.unwrap_err();
        assert!(chain(&error).contains("migration 2"), "{}", chain(&error));
        assert_eq!(left_behind(&fresh, &url).await, (0, "0".to_owned()));
    }
    let apart = set(&["CREATE TABLE a (n bigint)", "-- no-transaction\nCREATE INDEX CONCURRENTLY a_n ON a (n)"]);
    let error = Migrations::new().postgres(apart).run(&store).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert!(chain(&error).contains("migration 2 runs in no transaction"), "{}", chain(&error));
    // A migration that was run in another way is no reason to refuse.
    Migrations::new().postgres(apart).run(&fresh.store).await.unwrap();
    Migrations::new().postgres(apart).run(&store).await.unwrap();
    assert_eq!(left_behind(&fresh, &url).await, (0, "0".to_owned()));
}

/// It is unknown what is between a pool that the service opened and its server.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn migrations_refuse_a_pool_of_shared_sessions() {
    let (fresh, pooler) = (Postgres::fresh(1).await, pooler("transaction", 1, &[]));
    let url = through(&pooler, &fresh);
    let pool = PgPoolOptions::new().max_connections(1).connect_with(options(&url)).await.unwrap();
    let sql = Database::from_pool(pool);
    let table = Migrations::new().postgres(set(&["CREATE TABLE a (n bigint)"]));
    let error = table.run(&Store::from(sql.clone())).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration, "{error:?}");
    assert_eq!(left_behind(&fresh, &url).await, (0, "0".to_owned()));
    table.run(&Store::from(sql.unprepared())).await.unwrap();
    assert_eq!(migrations(&["CREATE TABLE a (n bigint)"]).len(), 1);
    assert_eq!(fresh.number("SELECT count(*) FROM a").await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_statement_that_is_given_up_leaves_no_transaction() {
    let (fresh, pooler) = (Postgres::fresh(1).await, pooler("transaction", 2, &[]));
    fresh.run("CREATE TABLE t (id bigint PRIMARY KEY, n bigint NOT NULL)").await;
    let store = shared(&through(&pooler, &fresh)).await;
    for polls in 0..12 {
        for moment in [Moment::Waiting, Moment::Woken] {
            let mut session = store.session();
            let add = sql("INSERT INTO t SELECT coalesce(max(id), 0) + ?, 0 FROM t").bind(1).execute(&mut session);
            let _ = cut(add, polls, moment).await;
            drop(session);
            let before = fresh.number("SELECT count(*) FROM t").await;
            let on = "SELECT count(*) FROM t WHERE n >= ?";
            let after = sql(on).bind(0).fetch_one(&mut store.session()).await.unwrap();
            assert!(after.get::<i64>(0).unwrap() >= before, "what is written is there");
        }
    }
    eventually("nothing is left open", async || Postgres::open_transactions(&fresh).await == 0).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_needs_a_session_is_refused_where_it_is_shared() {
    let (fresh, pooler) = (Postgres::fresh(1).await, pooler("transaction", 1, &[]));
    let store = shared(&through(&pooler, &fresh)).await;
    let mut session = store.session();
    let on = session.sql::<Postgres>().await.unwrap();
    let prepared = sqlx::Executor::prepare(&mut *on, sqlx::SqlSafeStr::into_sql_str("SELECT 1")).await;
    assert_eq!(Error::from(prepared.err().unwrap()).kind(), ErrorKind::Unsupported);
    let mut rows = sqlx::query("SELECT $1::bigint").bind(1_i64).fetch(&mut *on);
    let streamed = futures_util::StreamExt::next(&mut rows).await.unwrap();
    assert_eq!(Error::from(streamed.err().unwrap()).kind(), ErrorKind::Unsupported);
    drop(rows);
    sqlx::raw_sql(AssertSqlSafe("SELECT 1".to_owned())).execute(on).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_pooler_refuses_for_good_is_not_waited_for() {
    let pooler = pooler("session", 1, &["--auth_type=trust", "--auth_file=/dev/null"]);
    let url = pooler.url().replace("buttress@", "nobody@");
    let error = Connect::to(&url).unwrap().start_within(PATIENT).open().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration, "{error:?}");
    assert!(chain(&error).contains("in 1 attempt:"), "{}", chain(&error));
}
