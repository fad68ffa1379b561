//! PostgreSQL 15, by SQLSTATE.

use buttress::store::ErrorKind::{
    Aborted, CheckViolation, Configuration, ConnectionLost, Deadlock, ExclusionViolation, ForeignKeyViolation,
    InvalidValue, LockTimeout, NotNullViolation, Other, OutOfResources, ReadOnly, Serialization, StatementTimeout,
    TooManyConnections, TransactionTimeout, UniqueViolation, UnknownCommit,
};
use buttress::store::{Error, Isolation, Session, TransactionOptions};
use futures_util::future::join;
use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection, Executor, PgConnection, Postgres};
use tokio::sync::{Barrier, Semaphore};

use super::{ONCE, Row, answers, is, named, provoke, row, run, until};
use crate::support::{Fresh, TestDatabase};

const SCHEMA: &str = "
    CREATE TABLE parents (id BIGINT PRIMARY KEY);
    CREATE TABLE rows (
        id BIGINT PRIMARY KEY,
        email TEXT NOT NULL CONSTRAINT rows_email_key UNIQUE,
        parent BIGINT CONSTRAINT rows_parent_fkey REFERENCES parents ON DELETE RESTRICT,
        n INT CONSTRAINT rows_n_check CHECK (n > 0),
        short VARCHAR(3),
        small NUMERIC(4, 2),
        span INT4RANGE,
        CONSTRAINT rows_span_excl EXCLUDE USING gist (span WITH &&)
    );
    CREATE INDEX ON rows (short);
    INSERT INTO parents VALUES (1);
    INSERT INTO rows VALUES (1, 'hushhush', 1, 1, 'a', 1, '[1,5)');
";

const ROWS: &[Row] = &[
    named("23505", UniqueViolation, "rows_pkey", "INSERT INTO rows (id, email) VALUES (1, 'b')"),
    named("23505", UniqueViolation, "rows_email_key", "INSERT INTO rows (id, email) VALUES (2, 'hushhush')"),
    named("23503", ForeignKeyViolation, "rows_parent_fkey", "INSERT INTO rows (id, email, parent) VALUES (2, 'b', 2)"),
    named("23503", ForeignKeyViolation, "rows_parent_fkey", "DELETE FROM parents"),
    // PostgreSQL 18 returns it for a RESTRICT; before, only code in the server's languages raises it.
    row("23001", ForeignKeyViolation, "DO $$BEGIN RAISE EXCEPTION 'hushhush' USING ERRCODE = '23001'; END$$"),
    named("23514", CheckViolation, "rows_n_check", "UPDATE rows SET n = 0"),
    named("23502", NotNullViolation, "rows.email", "INSERT INTO rows (id) VALUES (2)"),
    named("23P01", ExclusionViolation, "rows_span_excl", "INSERT INTO rows (id, email, span) VALUES (2, 'b', '[4,9)')"),
    row("22001", InvalidValue, "UPDATE rows SET short = 'hushhush'"),
    row("22003", InvalidValue, "UPDATE rows SET small = 123.4"),
    row("22003", InvalidValue, "UPDATE rows SET n = 99999999999"),
    row("22P02", InvalidValue, "SELECT 'hushhush'::bigint"),
    row("22P02", InvalidValue, "SELECT '\"hushhush'::json"),
    row("22007", InvalidValue, "SELECT 'hushhush'::date"),
    row("22008", InvalidValue, "SELECT '2021-02-31'::date"),
    row("22003", Other, "UPDATE rows SET n = n + 2147483647"),
    row(
        "22003",
        Other,
        "SELECT 9223372036854775807 * n FROM rows WHERE n > 0 UNION SELECT 9223372036854775807 + id FROM rows",
    ),
    row("22003", Other, "DO $$BEGIN PERFORM 99999999999::int; END$$"),
    row("22012", Other, "SELECT 1 / 0"),
    row("2201X", Other, "SELECT 1 OFFSET -1"),
    row("2201B", InvalidValue, "SELECT 'a' ~ '(hushhush'"),
    row("22025", InvalidValue, "SELECT 'hushhusha' LIKE 'hushhush\\'"),
    row("22021", InvalidValue, "SELECT convert_from('\\x6875736868757368ff'::bytea, 'UTF8')"),
    row("22P05", InvalidValue, "SELECT '\"\\u0000\"'::jsonb"),
    row(
        "54000",
        InvalidValue,
        "INSERT INTO rows (id, email) SELECT 2, string_agg(md5(g::text), 'hushhush') FROM generate_series(1, 500) g",
    ),
    row("57014", StatementTimeout, "SET LOCAL statement_timeout = 20; SELECT pg_sleep(60)"),
    row(
        "53400",
        OutOfResources,
        "SET LOCAL work_mem = 64; SET LOCAL temp_file_limit = 64; SELECT count(*) FROM (SELECT g FROM generate_series(1, 100000) g ORDER BY -g OFFSET 0) x",
    ),
    row("42P01", Other, "SELECT * FROM hushhush"),
    row("42703", Other, "SELECT hushhush FROM rows"),
    row("42601", Other, "SELECT 'hushhush' 'hushhush' FROM"),
    row("P0001", Other, "DO $$BEGIN RAISE EXCEPTION 'it was hushhush'; END$$"),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn statements_are_classified() {
    let fresh = Postgres::fresh(2).await;
    fresh.run(SCHEMA).await;
    provoke(&fresh, ROWS, false).await;
}

async fn accounts() -> Fresh<Postgres> {
    let fresh = Postgres::fresh(3).await;
    fresh.run(Postgres::TABLE).await;
    fresh.run("INSERT INTO t VALUES (1, 0), (2, 0)").await;
    fresh
}

const SERIALIZABLE: TransactionOptions = ONCE.isolation(Isolation::Serializable);

/// Two transactions read both rows, and each writes one of them.
async fn write_skew(fresh: &Fresh<Postgres>, second_writes_late: bool) -> (Result<(), Error>, Result<(), Error>) {
    let (store, read, wrote) = (fresh.store.with_options(SERIALIZABLE), Barrier::new(2), Barrier::new(2));
    let committed = Semaphore::new(0);
    let first = async {
        let result = store
            .transaction_once(async |tx| {
                run::<Postgres>(tx, "SELECT sum(n) FROM t").await?;
                read.wait().await;
                run::<Postgres>(tx, "UPDATE t SET n = 1 WHERE id = 1").await?;
                wrote.wait().await;
                Ok(())
            })
            .await;
        committed.add_permits(1);
        result
    };
    let second = store.transaction_once(async |tx| {
        run::<Postgres>(tx, "SELECT sum(n) FROM t").await?;
        read.wait().await;
        if second_writes_late {
            wrote.wait().await;
            let _ = committed.acquire().await;
            return run::<Postgres>(tx, "UPDATE t SET n = 1 WHERE id = 2").await;
        }
        run::<Postgres>(tx, "UPDATE t SET n = 1 WHERE id = 2").await?;
        wrote.wait().await;
        let _ = committed.acquire().await;
        Ok(())
    });
    join(first, second).await
}

#[tokio::test]
async fn a_write_skew_is_a_serialization_failure_at_the_statement_or_at_the_commit() {
    for late in [true, false] {
        let fresh = accounts().await;
        let (first, second) = write_skew(&fresh, late).await;
        first.unwrap();
        answers(&second.unwrap_err(), "40001", Serialization);
        assert_eq!(fresh.number("SELECT sum(n) FROM t").await, 1);
        fresh.pool_is_clean().await;
    }
}

#[tokio::test]
async fn a_changed_row_is_a_serialization_failure_in_a_snapshot() {
    let fresh = accounts().await;
    let store = fresh.store.with_options(ONCE.isolation(Isolation::RepeatableRead));
    let failed: Result<(), Error> = store
        .transaction_once(async |tx| {
            run::<Postgres>(tx, "SELECT n FROM t").await?;
            fresh.run("UPDATE t SET n = 5").await;
            run::<Postgres>(tx, "UPDATE t SET n = n + 1").await
        })
        .await;
    answers(&failed.unwrap_err(), "40001", Serialization);
    fresh.pool_is_clean().await;
}

#[tokio::test]
async fn two_that_wait_for_one_another_are_a_deadlock() {
    let fresh = accounts().await;
    let (store, both) = (fresh.store.with_options(ONCE), Barrier::new(2));
    let crossing = |mine: i64, other: i64| {
        let (store, both) = (&store, &both);
        store.transaction_once(async move |tx| {
            run::<Postgres>(tx, &format!("UPDATE t SET n = n + 1 WHERE id = {mine}")).await?;
            both.wait().await;
            run::<Postgres>(tx, &format!("UPDATE t SET n = n + 1 WHERE id = {other}")).await
        })
    };
    let (first, second): (Result<(), Error>, Result<(), Error>) = join(crossing(1, 2), crossing(2, 1)).await;
    let error = first.and(second).expect_err("one of them gave way");
    answers(&error, "40P01", Deadlock);
    assert_eq!(fresh.number("SELECT sum(n) FROM t").await, 2, "the other did both");
    fresh.pool_is_clean().await;
}

#[tokio::test]
async fn a_lock_that_is_not_to_be_had_is_a_lock_timeout() {
    let fresh = accounts().await;
    let result: Result<(), Error> = fresh
        .store
        .with_options(ONCE)
        .transaction_once(async |tx| {
            run::<Postgres>(tx, "UPDATE t SET n = 1 WHERE id = 1").await?;
            for sql in [
                "SELECT n FROM t WHERE id = 1 FOR UPDATE NOWAIT",
                "SET LOCAL lock_timeout = 20; UPDATE t SET n = 2 WHERE id = 1",
            ] {
                answers(&run::<Postgres>(&mut fresh.store.session(), sql).await.unwrap_err(), "55P03", LockTimeout);
            }
            Ok(())
        })
        .await;
    result.unwrap();
    fresh.pool_is_clean().await;
}

#[tokio::test]
async fn a_deferred_constraint_fails_at_the_commit() {
    let fresh = accounts().await;
    fresh.run("ALTER TABLE t ADD CONSTRAINT t_n_fkey FOREIGN KEY (n) REFERENCES t DEFERRABLE INITIALLY DEFERRED NOT VALID").await;
    let store = fresh.store.with_options(ONCE);
    let error = store.transaction_once(async |tx| run::<Postgres>(tx, "UPDATE t SET n = 9").await).await.unwrap_err();
    answers(&error, "23503", ForeignKeyViolation);
    assert_eq!(error.constraint(), Some("t_n_fkey"));
    fresh.pool_is_clean().await;
}

/// After an error that was not passed on, the server refuses everything, and so does the commit.
#[tokio::test]
async fn what_follows_an_error_is_aborted() {
    let fresh = accounts().await;
    let failed: Result<(), Error> = fresh
        .store
        .with_options(ONCE)
        .transaction_once(async |tx| {
            let conn = tx.sql::<Postgres>().await?;
            (&mut *conn).execute("SELECT 1 / 0").await.unwrap_err();
            answers(&(&mut *conn).execute("SELECT 1").await.unwrap_err().into(), "25P02", Aborted);
            is(&run::<Postgres>(tx, "SELECT 1").await.unwrap_err(), Aborted);
            Ok(())
        })
        .await;
    is(&failed.unwrap_err(), Aborted);
    fresh.pool_is_clean().await;
}

#[tokio::test]
async fn a_write_in_a_reading_transaction_is_read_only() {
    let fresh = accounts().await;
    let store = fresh.store.with_options(ONCE.read_only());
    let failed = store.transaction_once(async |tx| run::<Postgres>(tx, "UPDATE t SET n = 1").await);
    answers(&failed.await.unwrap_err(), "25006", ReadOnly);
    fresh.pool_is_clean().await;
}

/// A session that another one disturbs as soon as it runs a statement of ten seconds.
async fn interrupted(fresh: &Fresh<Postgres>, how: &str) -> Error {
    let interrupt = async {
        let find = "FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'SELECT pg_sleep(10)%'";
        until(fresh, &format!("SELECT count(*) {find}"), 1).await;
        fresh.run(&format!("SELECT {how}(pid) {find}")).await;
    };
    let store = fresh.store.with_options(ONCE);
    let work = store.transaction_once(async |tx| run::<Postgres>(tx, "SELECT pg_sleep(10)").await);
    join(work, interrupt).await.0.unwrap_err()
}

#[tokio::test]
async fn a_statement_can_be_cancelled_and_a_session_be_ended() {
    let fresh = accounts().await;
    answers(&interrupted(&fresh, "pg_cancel_backend").await, "57014", StatementTimeout);
    answers(&interrupted(&fresh, "pg_terminate_backend").await, "57P01", ConnectionLost);
    fresh.pool_is_clean().await;
}

/// The next statement of a session that the server ends in the meantime.
async fn idle(fresh: &Fresh<Postgres>, session: &mut Session, sql: &str) -> Result<(), Error> {
    run::<Postgres>(session, sql).await?;
    let gone = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'SET %'";
    until(fresh, gone, 0).await;
    run::<Postgres>(session, "SELECT 1").await
}

#[tokio::test]
async fn a_session_that_was_idle_for_too_long_is_ended() {
    let fresh = accounts().await;
    let store = fresh.store.with_options(ONCE);
    let in_transaction = "SET LOCAL idle_in_transaction_session_timeout = 20";
    let ended = store.transaction_once(async |tx| idle(&fresh, tx, in_transaction).await).await;
    answers(&ended.unwrap_err(), "25P03", TransactionTimeout);
    let mut session = fresh.store.session();
    let ended = idle(&fresh, &mut session, "SET idle_session_timeout = 20").await;
    answers(&ended.unwrap_err(), "57P05", TransactionTimeout);
    run::<Postgres>(&mut session, "SELECT 1").await.expect("out of a transaction, another connection will do");
    drop(session);
    fresh.pool_is_clean().await;
}

/// The server's errors for clients that are not admitted, and codes that its own parts use for other servers.
#[tokio::test]
async fn a_raised_code_is_classified_like_the_servers_own() {
    let fresh = accounts().await;
    let cases = [
        ("08000", ConnectionLost),
        ("08001", ConnectionLost),
        ("08006", ConnectionLost),
        ("08007", UnknownCommit),
        ("08P01", Other),
        ("25P04", TransactionTimeout),
        ("40003", UnknownCommit),
        ("53100", OutOfResources),
        ("53200", OutOfResources),
        ("53300", TooManyConnections),
        ("57P02", ConnectionLost),
        ("57P03", ConnectionLost),
        ("57P04", ConnectionLost),
    ];
    for (code, kind) in cases {
        let sql = format!("DO $$BEGIN RAISE EXCEPTION 'hushhush' USING ERRCODE = '{code}'; END$$");
        answers(&run::<Postgres>(&mut fresh.store.session(), &sql).await.unwrap_err(), code, kind);
    }
    fresh.pool_is_clean().await;
}

#[tokio::test]
async fn who_is_not_let_in_is_told_why() {
    let fresh = accounts().await;
    let role = format!("{}_guest", fresh.sql.pool().connect_options().get_database().unwrap());
    fresh.run(&format!("CREATE ROLE {role} LOGIN CONNECTION LIMIT 1")).await;
    let owner = (*fresh.sql.pool().connect_options()).clone();
    let options = owner.clone().username(&role);
    let _one = PgConnection::connect_with(&options).await.unwrap();
    let refused = async |options: PgConnectOptions| PgConnection::connect_with(&options).await.unwrap_err().into();
    answers(&refused(options).await, "53300", TooManyConnections);
    answers(&refused(owner.clone().username("nobody")).await, "28000", Configuration);
    answers(&refused(owner.database("nowhere")).await, "3D000", Configuration);
    fresh.run(&format!("DROP ROLE {role}")).await;
}

// Not provoked by the server itself, here or in `servers`, but raised with the code, in a routine:
// - 23001: the server returns it for a RESTRICT from version 18 on.
// - 25P04: `transaction_timeout` came with version 17.
// - 40003, 08007: the server knows how its commits ended; a two-phase commit or a pooler may not.
// - 08xxx: errors of postgres_fdw and dblink about other servers; a broken connection to this one is an I/O error.
// - 53100: takes a full disk.
// - 57P02: the server sends it as a warning and hangs up; the driver sees an I/O error.
// - 57P04: takes a database that is dropped by force in the middle of a statement; the session ends as with 57P01.
