use sqlx::{MySql, Postgres, Sqlite};

use super::outcomes_are_true;
use crate::support::{Fresh, TestDatabase};

/// Texts that may have a meaning on every database.
const ANYWHERE: &[&str] = &[
    "COMMIT",
    "\u{feff}COMMIT",
    "/**/COMMIT",
    "-- so\rCOMMIT",
    "-- so\nCOMMIT",
    ";COMMIT",
    "/*;*/;COMMIT",
    "COMMIT AND CHAIN",
    "COMMIT/**/AND/**/CHAIN",
    "ROLLBACK AND CHAIN",
    "ROLLBACK\u{c}WORK",
    "END",
    "START/**/TRANSACTION",
    "START\u{b}TRANSACTION",
    "START-- so\nTRANSACTION",
    "BEGIN",
    "COMMIT; BEGIN",
    "SELECT 1; COMMIT",
    "SELECT 1; COMMIT; BEGIN",
    "SELECT 1; ROLLBACK; BEGIN",
    "SELECT 1;/*;*/COMMIT/**/;BEGIN",
    "SELECT 'a;', 1; /* '*/ COMMIT",
    "SELECT 1; COMMIT; BEGIN; SAVEPOINT buttress_mark",
    "SELECT 1; COMMIT; BEGIN; SAVEPOINT buttress_1",
    "SAVEPOINT buttress_1",
    "RELEASE buttress_1",
    "RELEASE SAVEPOINT buttress_1",
    "ROLLBACK TO buttress_mark",
    "ROLLBACK/**/TO \"buttress_1\"",
    "SAVEPOINT mine; ROLLBACK TO mine",
    "/*!50000 COMMIT*/",
    "/*!50000 START */ TRANSACTION",
    "/* /* */ COMMIT",
    "EXPLAIN SELECT 1",
    "TABLE t",
];

async fn every_text_is_told_truly<DB: TestDatabase>(fresh: &Fresh<DB>, texts: &[&'static str]) {
    fresh.run(DB::TABLE).await;
    for text in ANYWHERE.iter().chain(texts) {
        outcomes_are_true(fresh, text).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres() {
    let fresh = Postgres::fresh(1).await;
    fresh.run("CREATE PROCEDURE commits() LANGUAGE plpgsql AS 'BEGIN COMMIT; END'").await;
    let texts = [
        "PREPARE/**/TRANSACTION 'x'",
        "PREPARE TRANSACTION 'x'",
        "COMMIT PREPARED 'x'",
        "ABORT",
        "CALL commits()",
        "DO $$ BEGIN COMMIT; END $$",
        "DO $$ BEGIN EXECUTE 'COMMIT'; END $$",
        "PREPARE s AS SELECT 1; EXECUTE s",
        "DECLARE c CURSOR WITH HOLD FOR SELECT 1",
        "SELECT 1 INTO made",
        "CREATE TABLE made_too (id INT)",
        "LOCK TABLE t",
        "EXPLAIN ANALYZE DELETE FROM t WHERE id = 99",
        "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE",
        "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY",
        "DISCARD ALL",
        "ANALYZE t",
    ];
    every_text_is_told_truly(&fresh, &texts).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mariadb() {
    let fresh = MySql::fresh(1).await;
    fresh.run("CREATE TABLE other (id INT); CREATE PROCEDURE commits() BEGIN COMMIT; END").await;
    fresh.run("CREATE PROCEDURE begins() BEGIN START TRANSACTION; END").await;
    let texts = [
        "SET DEFAULT ROLE NONE",
        "SET/**/DEFAULT/**/ROLE/**/NONE",
        "SET STATEMENT max_statement_time=9 FOR COMMIT",
        "SET/**/STATEMENT max_statement_time=9 FOR COMMIT",
        "SET ROLE NONE",
        "SET @x = 1, autocommit = 1",
        "SET `autocommit` = 1",
        "SET sql_mode = '', PASSWORD = PASSWORD('database-password')",
        "SET RESOURCE GROUP a",
        "SET autocommit/**/=/**/0",
        "SET sql_mode = @@sql_mode, @@session.`autocommit` = 0",
        "SET completion_type = 'CHAIN'",
        "BEGIN NOT ATOMIC COMMIT; END",
        "IF 1 THEN COMMIT; END IF",
        "EXECUTE IMMEDIATE 'COMMIT'",
        "EXECUTE IMMEDIATE 'START TRANSACTION'",
        "EXECUTE IMMEDIATE CONCAT('SET auto', 'commit = 0')",
        "PREPARE s FROM 'COMMIT'; EXECUTE s",
        "CALL commits()",
        "CALL/**/begins()",
        "LOCK TABLES t WRITE",
        "LOCK/**/TABLES t WRITE; UNLOCK TABLES",
        "XA START 'x'",
        "XA/**/START 'x'",
        "FLUSH TABLES",
        "ANALYZE TABLE t",
        "HANDLER t OPEN",
        "DO SLEEP(0)",
        "TRUNCATE other",
        "ALTER TABLE other COMMENT 'so'",
        "CREATE OR REPLACE TABLE other (id INT)",
        "RENAME TABLE other TO others, others TO other",
        "SELECT 1 INTO @x",
        "SELECT 1 /*! INTO @x */",
        "# so\nCOMMIT",
        "ROLLBACK RELEASE",
        "COMMIT RELEASE",
    ];
    every_text_is_told_truly(&fresh, &texts).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite() {
    let fresh = Sqlite::fresh(1).await;
    let texts = [
        "SELECT\u{feff}1;\u{feff}COMMIT",
        "COMMIT\u{feff}TRANSACTION",
        "END/**/TRANSACTION",
        "BEGIN/**/IMMEDIATE",
        "EXPLAIN COMMIT",
        "INSERT OR ROLLBACK INTO t VALUES (1, 0)",
        "PRAGMA foreign_keys = ON",
        "PRAGMA journal_mode = DELETE",
        "VACUUM",
        "SELECT 1; /* never closed COMMIT",
    ];
    every_text_is_told_truly(&fresh, &texts).await;
}
