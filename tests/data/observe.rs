//! A tracer's view of transactions and statements, and the count of a request's statements.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::future::{pending, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use buttress::layer::QueryCountLayer;
use buttress::stack::{Stack, StackRequestBody};
use buttress::store::{Error, Isolation, Retry, Session, TransactionOptions};
use buttress::telemetry::{QueryStats, count_queries};
use futures_util::{StreamExt, TryStreamExt};
use http::{Request, Response};
use sqlx::{AssertSqlSafe, Executor, MySql, Postgres, Sqlite};
use tokio::sync::Notify;
use tower::{Layer, Service, ServiceExt, service_fn};
use tracing::Level;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::SubscriberExt;

use crate::capture::{Capture, Fields};
use crate::support::{Failure, Fresh, TestDatabase, eventually};

/// The differences between the databases for a tracer.
trait Traced: TestDatabase {
    const SYSTEM_NAME: &'static str;
    /// The error for a second row with the same key.
    const TAKEN: &'static str;

    /// The database, and the server if there is one.
    fn place(fresh: &Fresh<Self>) -> BTreeMap<&'static str, String>;
}

impl Traced for Postgres {
    const SYSTEM_NAME: &'static str = "postgresql";
    const TAKEN: &'static str = "23505";

    fn place(fresh: &Fresh<Self>) -> BTreeMap<&'static str, String> {
        let options = fresh.sql.pool().connect_options();
        BTreeMap::from([
            ("db.namespace", options.get_database().unwrap().to_owned()),
            ("server.address", options.get_host().to_owned()),
            ("server.port", options.get_port().to_string()),
        ])
    }
}

impl Traced for MySql {
    const SYSTEM_NAME: &'static str = "mysql";
    const TAKEN: &'static str = "1062";

    fn place(fresh: &Fresh<Self>) -> BTreeMap<&'static str, String> {
        let options = fresh.sql.pool().connect_options();
        BTreeMap::from([
            ("db.namespace", options.get_database().unwrap().to_owned()),
            ("server.address", options.get_host().to_owned()),
            ("server.port", options.get_port().to_string()),
        ])
    }
}

impl Traced for Sqlite {
    const SYSTEM_NAME: &'static str = "sqlite";
    const TAKEN: &'static str = "1555";

    fn place(_: &Fresh<Self>) -> BTreeMap<&'static str, String> {
        BTreeMap::from([("db.namespace", "test.db".to_owned())])
    }
}

/// A value that is part of the text of a statement.
const SECRET: &str = "hushhush";

async fn table<DB: TestDatabase>() -> Fresh<DB> {
    let fresh = DB::fresh(3).await;
    fresh.run(DB::TABLE).await;
    fresh
}

async fn run<DB: TestDatabase>(on: &mut Session, sql: &str) -> Result<(), Error> {
    on.sql::<DB>().await?.execute(sqlx::raw_sql(AssertSqlSafe(sql))).await?;
    Ok(())
}

/// The fields of the spans of this name, once all are closed: SQLite's thread may hold one a little longer.
async fn spans(capture: &Capture, name: &str) -> Vec<Fields> {
    let are_closed = async || capture.seen().spans.iter().all(|span| span.name != name || span.closed);
    eventually("the spans are closed", are_closed).await;
    let seen = capture.seen();
    seen.spans.iter().filter(|span| span.name == name).map(|span| span.fields.clone()).collect()
}

async fn a_statement_is_a_span<DB: Traced>() {
    let fresh = table::<DB>().await;
    let capture = Capture::inside();
    let mut session = fresh.store.session();
    let insert = format!("INSERT INTO t -- {SECRET}\n VALUES (1, length('{SECRET}'))");
    run::<DB>(&mut session, &insert).await.unwrap();
    run::<DB>(&mut session, &insert).await.unwrap_err();
    let conn = session.sql::<DB>().await.unwrap();
    (&mut *conn).fetch_optional("SELECT n FROM t WHERE id = 1").await.unwrap().unwrap();

    let statement = |operation: &str, text: &str| {
        let summary = format!("{operation} t");
        let fields = [
            ("otel.name", summary.as_str()),
            ("otel.kind", "client"),
            ("db.system.name", DB::SYSTEM_NAME),
            ("db.operation.name", operation),
            ("db.collection.name", "t"),
            ("db.query.summary", summary.as_str()),
            ("db.query.text", text),
        ];
        let mut fields: Fields = fields.map(|(name, value)| (name, value.to_owned())).into();
        fields.extend(DB::place(&fresh));
        fields
    };
    let insert = statement("INSERT", "INSERT INTO t VALUES (?, length(?))");
    let mut failed = insert.clone();
    let failure = [("otel.status_code", "ERROR"), ("db.response.status_code", DB::TAKEN), ("error.type", DB::TAKEN)];
    failed.extend(failure.map(|(name, value)| (name, value.to_owned())));
    let select = statement("SELECT", "SELECT n FROM t WHERE id = ?");
    assert_eq!(spans(&capture, "query").await, [insert, failed, select]);
    // sqlx logs the statement as it was written.
    let told =
        |target: &str| {
            capture.seen().events.iter().any(|event| {
                event.target.starts_with(target) && event.fields.values().any(|value| value.contains(SECRET))
            })
        };
    assert!(told("sqlx") && !told("buttress"));
}

/// Texts in which a reader of another database's SQL would take a literal for a word, or an end for a beginning.
trait Traps: Traced {
    const TRAPS: &'static [&'static str];
}

impl Traps for Postgres {
    const TRAPS: &'static [&'static str] = &[
        "SELECT E'\\' {}', '{}'",
        "SELECT E'a'\n'\\' {}', '{}'",
        "SELECT 1 /* /* ' */ {} ' */, '{}'",
        "SELECT a$b$, 'x$b${}' FROM (SELECT 1 AS a$b$) t",
        "SELECT 1 -- it's\r, '{}'",
        "SELECT $q$ ' {} $q$, \"it's\", '{}' FROM (SELECT 1 AS \"it's\") t",
    ];
}

impl Traps for MySql {
    const TRAPS: &'static [&'static str] = &[
        "SELECT 1--'1', '\n {}'",
        "SELECT '\\' {}', \"' {}\"",
        "SELECT /*! ' {} ' */ /*M!, '{}' */",
        "SELECT 1 # it's\n, '{}'",
        "SELECT `it's`, '{}' FROM (SELECT 1 AS `it's`) t",
        "SELECT 1 /* /* */, '{}' -- */",
    ];
}

impl Traps for Sqlite {
    const TRAPS: &'static [&'static str] = &[
        "SELECT [it's], '{}', [it's] FROM (SELECT 1 AS [it's])",
        "SELECT \"{}\"",
        "SELECT 1 /* /* ' */, '{}' -- '",
        "SELECT '\\', '{}'",
        "SELECT `it's`, '{}' FROM (SELECT 1 AS `it's`)",
    ];
}

async fn no_span_shows_a_literal<DB: Traps>() {
    let fresh = DB::fresh(1).await;
    let capture = Capture::inside();
    let mut session = fresh.store.session();
    for trap in DB::TRAPS {
        run::<DB>(&mut session, &trap.replace("{}", SECRET)).await.unwrap_or_else(|error| panic!("{error}: {trap}"));
    }
    let found = spans(&capture, "query").await;
    assert_eq!(found.len(), DB::TRAPS.len());
    for (trap, fields) in DB::TRAPS.iter().zip(found) {
        assert!(!format!("{fields:?}").contains(SECRET), "{trap}: {fields:?}");
        assert_eq!(fields.contains_key("db.query.text"), !trap.contains("/*!"), "{trap}: {fields:?}");
    }
}

/// Each way to run a statement is one span and one count; a statement that is never polled is neither.
async fn each_road_is_a_span_and_a_count<DB: Traced>() {
    let fresh = table::<DB>().await;
    let capture = Capture::inside();
    let (work, queries) = count_queries(async {
        let mut session = fresh.store.session();
        let conn = session.sql::<DB>().await?;
        (&mut *conn).execute("INSERT INTO t VALUES (1, 1)").await?;
        (&mut *conn).execute_many("SELECT 1").collect::<Vec<_>>().await;
        (&mut *conn).fetch("SELECT 1").collect::<Vec<_>>().await;
        (&mut *conn).fetch_many("SELECT 1").collect::<Vec<_>>().await;
        (&mut *conn).fetch_all("SELECT 1").await?;
        (&mut *conn).fetch_one("SELECT 1").await?;
        (&mut *conn).fetch_optional("SELECT 1").await?;
        drop(conn.fetch_optional("SELECT 1"));
        Ok::<_, Error>(())
    })
    .await;
    work.unwrap();
    assert_eq!((spans(&capture, "query").await.len(), queries.count), (7, 7));
    assert!(!queries.time.is_zero());
    let most = queries.most_repeated.unwrap();
    assert_eq!((most.summary.as_str(), most.times), ("SELECT", 6));
}

/// The statements of nested transactions and of all attempts count; the statements around them do not.
async fn transactions_are_counted<DB: Traced>() {
    let fresh = table::<DB>().await;
    let (kept, queries) = count_queries(fresh.store.transaction(async |tx| {
        run::<DB>(tx, "INSERT INTO t VALUES (1, 1)").await?;
        let inner: Result<(), Failure> = tx
            .transaction(async |tx| {
                run::<DB>(tx, "INSERT INTO t VALUES (2, 2)").await?;
                Err(Failure::Own)
            })
            .await;
        assert!(inner.is_err());
        let (inner, queries) = count_queries(run::<DB>(tx, "INSERT INTO t VALUES (3, 3)")).await;
        assert_eq!(queries.count, 1);
        inner
    }))
    .await;
    kept.unwrap();
    assert_eq!(queries.count, 3);
    assert_eq!(queries.most_repeated.map(|most| (most.summary, most.times)), Some(("INSERT t".to_owned(), 3)));
}

async fn what_is_spawned_is_not_counted<DB: Traced>() {
    let fresh = table::<DB>().await;
    let store = fresh.store.clone();
    let (spawned, queries) =
        count_queries(tokio::spawn(async move { run::<DB>(&mut store.session(), "SELECT 1").await })).await;
    spawned.unwrap().unwrap();
    assert_eq!(queries, QueryStats::default());
}

fn warnings(capture: &Capture) -> Vec<Fields> {
    let seen = capture.seen();
    seen.events.iter().filter(|event| event.level == Level::WARN).map(|event| event.fields.clone()).collect()
}

/// A handler that sends one statement for each of `rows` rows, with a different value each time.
fn one_for_each<DB: TestDatabase>(
    fresh: &Fresh<DB>,
) -> impl Service<Request<u32>, Response = Response<()>, Error = Infallible, Future: Send> + Clone + use<DB> {
    let store = fresh.store.clone();
    QueryCountLayer::new().layer(service_fn(move |request: Request<u32>| {
        let store = store.clone();
        async move {
            let mut session = store.session();
            for id in 0..request.into_body() {
                run::<DB>(&mut session, &format!("SELECT n FROM t WHERE id = {id}")).await.unwrap();
            }
            Ok(Response::new(()))
        }
    }))
}

async fn one_statement_for_each_row_is_told_once<DB: Traced>() {
    let fresh = table::<DB>().await;
    let service = one_for_each(&fresh);
    let capture = Capture::inside();
    for rows in [0, 9] {
        let response = service.clone().oneshot(Request::new(rows)).await.unwrap();
        assert_eq!(response.extensions().get::<QueryStats>().unwrap().count, u64::from(rows));
    }
    assert_eq!(warnings(&capture), Vec::<Fields>::new());

    let span = tracing::info_span!("request", db.queries = tracing::field::Empty, db.time_ms = tracing::field::Empty);
    let answer = service.oneshot(Request::new(25));
    let response = tracing::Instrument::instrument(answer, span).await.unwrap();
    assert_eq!(response.extensions().get::<QueryStats>().unwrap().count, 25);
    let told = warnings(&capture);
    let told: Vec<_> = told.iter().map(|fields| (&*fields["query"], &*fields["times"], &*fields["queries"])).collect();
    assert_eq!(told, [("\"SELECT t\"", "25", "25")]);
    let request = spans(&capture, "request").await.remove(0);
    assert_eq!(request["db.queries"], "25");
    assert!(request.contains_key("db.time_ms"));
}

async fn a_stack_counts_like_the_layer<DB: Traced>() {
    let fresh = table::<DB>().await;
    let store = fresh.store.clone();
    let handler = service_fn(move |_: Request<StackRequestBody<String>>| {
        let store = store.clone();
        async move {
            for id in 0..3 {
                run::<DB>(&mut store.session(), &format!("SELECT n FROM t WHERE id = {id}")).await.unwrap();
            }
            Ok::<_, Infallible>(Response::new(String::new()))
        }
    });
    let capture = Capture::inside();
    let service = Stack::new().query_count(QueryCountLayer::new().warn_at(3)).layer(handler);
    let response = service.oneshot(Request::new(String::new())).await.unwrap();
    assert_eq!(response.extensions().get::<QueryStats>().unwrap().count, 3);
    assert_eq!(warnings(&capture).len(), 1);
    drop(response);
    assert_eq!(spans(&capture, "request").await.remove(0)["db.queries"], "3");
}

/// Requests that run at the same time, on the same thread and on others.
async fn parallel_requests_are_not_mixed_up<DB: Traced>() {
    let fresh = table::<DB>().await;
    let service = one_for_each(&fresh);
    let counts = futures_util::future::join_all((0..8).map(async |rows| {
        let response = service.clone().oneshot(Request::new(rows)).await.unwrap();
        response.extensions().get::<QueryStats>().unwrap().count
    }));
    assert_eq!(counts.await, [0, 1, 2, 3, 4, 5, 6, 7]);
    let spawned = (0..8).map(|rows| tokio::spawn(service.clone().oneshot(Request::new(rows))));
    for (rows, response) in (0..).zip(futures_util::future::join_all(spawned).await) {
        assert_eq!(response.unwrap().unwrap().extensions().get::<QueryStats>().unwrap().count, rows);
    }
}

async fn a_request_that_is_given_up_is_told_of_too<DB: Traced>() {
    let fresh = table::<DB>().await;
    let (store, waits) = (fresh.store.clone(), Arc::new(Notify::new()));
    let reached = Arc::clone(&waits);
    let service = QueryCountLayer::new().warn_at(3).layer(service_fn(move |_: Request<()>| {
        let (mut session, reached) = (store.session(), Arc::clone(&reached));
        async move {
            for _ in 0..3 {
                run::<DB>(&mut session, "SELECT n FROM t").await.unwrap();
            }
            reached.notify_one();
            pending::<Result<Response<()>, Infallible>>().await
        }
    }));
    let capture = Capture::inside();
    let ((), queries) = count_queries(async {
        tokio::select! {
            _ = service.oneshot(Request::new(())) => unreachable!("it waits for ever"),
            () = waits.notified() => {}
        }
    })
    .await;
    assert_eq!(queries.count, 3, "a count around the request has them, too");
    assert_eq!(warnings(&capture).len(), 1);
}

on_every_database! {
    a_statement_is_a_span;
    no_span_shows_a_literal;
    each_road_is_a_span_and_a_count;
    transactions_are_counted;
    what_is_spawned_is_not_counted;
    one_statement_for_each_row_is_told_once;
    a_stack_counts_like_the_layer;
    parallel_requests_are_not_mixed_up;
    a_request_that_is_given_up_is_told_of_too;
}

/// The fields of a transaction's span, besides those that all spans have.
fn transaction(more: &[(&'static str, &str)]) -> Fields {
    let all = [("otel.name", "transfer"), ("otel.kind", "internal"), ("db.system.name", "postgresql")];
    all.iter().chain(more).map(|(name, value)| (*name, (*value).to_owned())).collect()
}

/// Fails with the database's error that requests another attempt.
async fn again(tx: &mut Session) -> Result<(), Error> {
    run::<Postgres>(tx, "DO $$BEGIN RAISE EXCEPTION 'again' USING ERRCODE = '40P01'; END$$").await
}

#[tokio::test]
async fn a_transaction_is_a_span_over_all_its_attempts() {
    let fresh = table::<Postgres>().await;
    let capture = Capture::inside();
    let attempts = AtomicU32::new(0);
    let options = TransactionOptions::new().name("transfer").isolation(Isolation::Serializable);
    let store = fresh.store.with_options(options.retry(Retry::new().backoff(Duration::ZERO, Duration::ZERO)));
    let (kept, queries) = count_queries(store.transaction(async |tx| {
        run::<Postgres>(tx, "SELECT 1").await?;
        if attempts.fetch_add(1, Ordering::Relaxed) < 2 { again(tx).await } else { Ok(()) }
    }))
    .await;
    kept.unwrap();
    assert_eq!(queries.count, 5, "each attempt counts");
    let expected = transaction(&[
        ("isolation", "serializable"),
        ("read_only", "false"),
        ("attempts", "3"),
        ("retried", "Deadlock, Deadlock"),
        ("outcome", "committed"),
    ]);
    assert_eq!(spans(&capture, "transaction").await, [expected]);
    assert_eq!(retries(&capture), [(Level::INFO, "3".to_owned(), "Deadlock, Deadlock".to_owned())]);
}

/// The events, above the level of a debugger, of transactions that were tried again.
fn retries(capture: &Capture) -> Vec<(Level, String, String)> {
    let events = capture.seen().events.clone();
    let told = events.into_iter().filter(|event| event.level < Level::DEBUG && event.fields.contains_key("retried"));
    told.map(|event| (event.level, event.fields["attempts"].clone(), event.fields["retried"].clone())).collect()
}

/// The layer that ends a request does not know why it took so long; the event of the transaction says so.
#[tokio::test]
async fn a_transaction_that_is_dropped_while_it_is_tried_again_says_why() {
    let fresh = table::<Postgres>().await;
    let capture = Capture::inside();
    let store =
        fresh.store.with_options(TransactionOptions::new().retry(Retry::new().backoff(Duration::ZERO, Duration::ZERO)));
    let (attempts, third) = (AtomicU32::new(0), Notify::new());
    let work = store.transaction(async |tx| {
        if attempts.fetch_add(1, Ordering::Relaxed) < 2 {
            return again(tx).await;
        }
        third.notify_one();
        pending().await
    });
    tokio::select! {
        _ = work => unreachable!("it never ends"),
        () = third.notified() => {}
    }
    assert_eq!(retries(&capture), [(Level::WARN, "3".to_owned(), "Deadlock, Deadlock".to_owned())]);
}

/// A statement that is sent once per attempt is not reported as sent once per row.
#[tokio::test]
async fn a_transaction_that_is_tried_again_is_not_taken_for_one_statement_for_each_row() {
    let fresh = table::<Postgres>().await;
    let store = fresh.store.with_options(
        TransactionOptions::new().retry(Retry::new().attempts(5).backoff(Duration::ZERO, Duration::ZERO)),
    );
    let service = QueryCountLayer::new().layer(service_fn(move |_: Request<()>| {
        let store = store.clone();
        async move {
            let before = run::<Postgres>(&mut store.session(), "SELECT n FROM t").await;
            let attempts = AtomicU32::new(0);
            let kept = store.transaction(async |tx| {
                for _ in 0..3 {
                    run::<Postgres>(tx, "SELECT n FROM t").await?;
                }
                if attempts.fetch_add(1, Ordering::Relaxed) < 4 { again(tx).await } else { Ok(()) }
            });
            before.and(kept.await).unwrap();
            Ok::<_, Infallible>(Response::new(()))
        }
    }));
    let capture = Capture::inside();
    let (response, around) = count_queries(service.oneshot(Request::new(()))).await;
    let counted = response.unwrap().extensions().get::<QueryStats>().unwrap().clone();
    assert_eq!(counted.count, 1 + 5 * 3 + 4, "each attempt counts");
    assert_eq!(counted.most_repeated.as_ref().unwrap().times, 1 + 3, "and is compared with itself alone");
    assert_eq!(around.most_repeated, counted.most_repeated, "by a count around it, too");
    assert_eq!(warnings(&capture), Vec::<Fields>::new());
}

#[tokio::test]
async fn a_transaction_that_keeps_nothing_says_why() {
    let fresh = table::<Postgres>().await;
    let capture = Capture::inside();
    let store = fresh.store.with_options(TransactionOptions::new().name("transfer").retry(Retry::never()).read_only());
    let rolled_back = |kind| {
        let more = [("attempts", "1"), ("outcome", "rolled back"), ("otel.status_code", "ERROR"), ("error.type", kind)];
        transaction(&[more.as_slice(), &[("read_only", "true")]].concat())
    };

    let failed = store.transaction(async |tx| again(tx).await);
    assert!(failed.await.is_err());
    let failed = store.transaction(async |tx| {
        run::<Postgres>(tx, "SELECT 1").await?;
        Err::<(), _>(Failure::Own)
    });
    assert!(failed.await.is_err());
    // A failure that was undone alone is not the reason.
    let failed = store.transaction(async |tx| {
        assert!(tx.transaction(async |tx| again(tx).await).await.is_err());
        Err::<(), _>(Failure::Own)
    });
    assert!(failed.await.is_err());
    let mut dropped = Box::pin(store.transaction(async |tx| run::<Postgres>(tx, "SELECT pg_sleep(10)").await));
    assert!(tokio::time::timeout(Duration::from_millis(50), &mut dropped).await.is_err());
    drop(dropped);

    let dropped = transaction(&[("read_only", "true"), ("outcome", "dropped")]);
    let expected = [rolled_back("Deadlock"), rolled_back("_OTHER"), rolled_back("_OTHER"), dropped];
    assert_eq!(spans(&capture, "transaction").await, expected);
}

/// Allocations of statements, by how often each had to wait: a wait for SQLite's thread costs one.
#[derive(Default)]
struct Costs(BTreeMap<u32, Vec<u64>>);

impl Costs {
    /// This many of a kind show the usual cost: the first ones prepare the statement and fill buffers.
    const ENOUGH: usize = 51;

    fn add(&mut self, runtime: &tokio::runtime::Runtime, statement: impl Future<Output = ()>) {
        let (mut waits, mut statement) = (0, pin!(statement));
        let counted = poll_fn(|cx| {
            let polled = statement.as_mut().poll(cx);
            waits += u32::from(polled.is_pending());
            polled
        });
        let allocated = allocation_counter::measure(|| runtime.block_on(counted));
        self.0.entry(waits).or_default().push(allocated.count_total);
    }

    /// The usual cost for this many waits.
    fn usual(&self, waits: u32) -> Option<u64> {
        let mut counts = self.0.get(&waits).filter(|counts| counts.len() >= Self::ENOUGH)?.clone();
        counts.sort_unstable();
        Some(counts[counts.len() / 2])
    }
}

/// At the log levels that services use, a statement costs no allocation but the box of the guard's own future.
macro_rules! what_nobody_looks_at_is_free {
    ($($name:ident: $database:ty;)*) => {$(
        #[test]
        fn $name() {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            // Connections are returned to their pool in a task.
            let _inside = runtime.enter();
            let fresh = runtime.block_on(table::<$database>());
            let quiet = tracing_subscriber::registry().with(LevelFilter::INFO);
            let _quiet = tracing::subscriber::set_default(quiet);
            let mut session = fresh.store.session();
            let conn = runtime.block_on(session.sql::<$database>()).unwrap();
            let mut plain = runtime.block_on(fresh.sql.pool().acquire()).unwrap();
            let sql = "SELECT n FROM t WHERE id = 1";
            let (mut ours, mut theirs) = (Costs::default(), Costs::default());
            let mut compared = 0;
            for _ in 0..100 {
                for _ in 0..200 {
                    ours.add(&runtime, async { drop(conn.fetch_optional(sql).await.unwrap()) });
                    // Read to the end, as the guard does.
                    let all = async { (&mut *plain).fetch_many(sql).try_for_each(async |_| Ok(())).await.unwrap() };
                    theirs.add(&runtime, all);
                }
                for waits in 0..10 {
                    if let (Some(ours), Some(theirs)) = (ours.usual(waits), theirs.usual(waits)) {
                        assert!(ours <= theirs + 1, "{ours} allocations, and {theirs} without the crate");
                        compared += 1;
                    }
                }
                if compared > 0 {
                    return;
                }
            }
            panic!("they never wait equally often");
        }
    )*};
}

mod what_nobody_looks_at_is_free {
    use super::*;

    what_nobody_looks_at_is_free! {
        postgres: Postgres;
        mariadb: MySql;
        sqlite: Sqlite;
    }
}
