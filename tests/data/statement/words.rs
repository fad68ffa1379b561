//! Placeholders, and texts that only look like placeholders.

use buttress::sql::{Statement, sql};
use buttress::store::{ErrorKind, Session};

use crate::support::TestDatabase;

/// Runs a statement with two columns: whether a condition holds, and a number that was bound.
async fn holds(on: &mut Session, statement: Statement<'_>) {
    let described = format!("{statement:?}");
    let row = statement.bind(7).fetch_one(on).await.unwrap_or_else(|error| panic!("{error:?} for {described}"));
    assert!(row.get::<bool>(0).unwrap(), "{described}");
    assert_eq!(row.get::<i64>(1).unwrap(), 7, "{described}");
}

async fn what_is_quoted_is_no_placeholder<DB: TestDatabase>() {
    let fresh = DB::fresh(1).await;
    let on = &mut fresh.store.session();
    let on_all = [
        "SELECT 1 = 1, ?",
        "SELECT 'it''s ?' LIKE '%?', ?",
        "SELECT 1 = 1 /* ? ' ? */, ?",
        "SELECT 1 = 1, -- it's a ?\n ?",
        "SELECT 1 = 1, ? -- it's a ?",
        "SELECT '' = '', ? /* '' */",
        "SELECT 'ü?' = 'ü?', ?",
        "SELECT 2/1 = 2, 0+?",
        "SELECT 1 = 1,(?)",
    ];
    for words in on_all {
        // The boolean type is a number on two of the databases.
        holds(on, sql(words)).await;
    }
}

async fn each_database_has_its_own_quotes<DB: TestDatabase>() {
    let fresh = DB::fresh(1).await;
    let on = &mut fresh.store.session();
    let words = [
        (r"SELECT E'\'?' = '''?', ?", r"SELECT '\'?' = '''?', ?", r"SELECT '\'='\', ?"),
        (r"SELECT '\'='\', ?", r#"SELECT "\"?" = '"?', ?"#, r"SELECT '\'='\', ?"),
        ("SELECT $$ ? ' $$ = ' ? '' ', ?", "SELECT 1 = 1, # '?\n ?", "SELECT [a?] = 1, ? FROM (SELECT 1 AS \"a?\")"),
        ("SELECT $a$?$$?$a$ = '?$$?', ?", "SELECT 8 = 5--3, ?", "SELECT `a?` = 1, ? FROM (SELECT 1 AS [a?])"),
        ("SELECT 1 = 1 /* /* ? */ ' */, ?", "SELECT 1 = 1 /* /* ? */, ?", "SELECT 1 = 1 /* /* ? */, ?"),
        (
            "SELECT \"a?\" = 1, ? FROM (SELECT 1 AS \"a?\") t",
            "SELECT `a?` = 1, ? FROM (SELECT 1 AS `a?`) t",
            "SELECT \"a?\" = 1, ? FROM (SELECT 1 AS \"a?\")",
        ),
        ("SELECT '{\"a\": 1}'::jsonb ?? 'a', ?", "SELECT 1 = 1 /*!, ? */", "SELECT 1=1,?"),
        (
            r"SELECT E'a'
            '\' ?' = 'a'' ?', ?",
            r"SELECT 'a' '\' ?' = 'a'' ?', ?",
            "SELECT 'a?' = 'a?', ?",
        ),
        (
            "SELECT (ARRAY[1, 2, 3])[2:3] = ARRAY[2, 3] AND 1::int = 1 AND @ -1 = 1, ?",
            "SELECT (@a:=1) = 1 AND @a = 1 AND @@autocommit IN (0, 1), ?",
            "SELECT '$1 :a @b' = '$1 :a @b', ?",
        ),
        ("SELECT '[\"a\"]'::jsonb ??| ARRAY['a'], ?", "SELECT 1 = 1, /*M! ?*/", "SELECT 1=1,+?"),
        ("SELECT a$b$c, ? FROM (SELECT true AS a$b$c) t", "SELECT 1=1 ,?", "SELECT 1=1 , ?"),
        (
            "SELECT true, ?FROM (SELECT 1) t LIMIT 1",
            "SELECT true, ? FROM (SELECT 1) t LIMIT 1",
            "SELECT true, ?FROM (SELECT 1) LIMIT 1",
        ),
    ];
    for (postgres, mysql, sqlite) in words {
        holds(on, sql("no database reads this").postgres(postgres).mysql(mysql).sqlite(sqlite)).await;
    }
    let limited = sql("SELECT 1 WHERE 1=? LIMIT?").mysql("SELECT 1 FROM DUAL WHERE 1=? LIMIT ?").bind(1).bind(1);
    assert_eq!(limited.fetch_all(on).await.unwrap().len(), 1);
}

async fn a_mistake_is_found_before_anything_is_sent<DB: TestDatabase>() {
    let fresh = DB::fresh(1).await;
    let mistakes = [
        sql("SELECT ? + ?").bind(1),
        sql("SELECT ?"),
        sql("SELECT 1").bind(1),
        sql("SELECT '?'").bind(1),
        sql("SELECT ?1").bind(1),
        sql("SELECT $1").bind(1),
        sql("SELECT ? + $1").bind(1),
        sql("SELECT ? + $2").bind(1),
        sql("SELECT :name").bind(1),
        sql("SELECT ? + :1").bind(1),
        sql("SELECT $name").bind(1),
        sql("SELECT @name").mysql("SELECT $1").bind(1),
        sql("SELECT 'it").bind(1),
        sql("SELECT 1 /* ?").bind(1),
        sql("SELECT 1").push("+ '").push("'"),
        sql("SELECT 1 ?? ?").postgres("SELECT ? ?").bind(1),
        sql("SELECT ? IN").push_list([1]).bind(1),
        sql("SELECT 1 IN").push_list([1]).push("AND ? = 1"),
        sql("INSERT INTO t VALUES").push_rows([1, 2], |row, n| if n == 1 { row.bind(n) } else { row.bind(n).bind(n) }),
        sql("INSERT INTO t VALUES").push_rows([1, 2], |row, _| row),
    ];
    let done = fresh
        .store
        .transaction(async |tx| {
            for mistake in &mistakes {
                let error = mistake.clone().fetch_all(tx).await.unwrap_err();
                assert_eq!(error.kind(), ErrorKind::Configuration, "{error:?} for {mistake:?}");
                let error = mistake.clone().execute(tx).await.unwrap_err();
                assert_eq!(error.kind(), ErrorKind::Configuration, "{error:?} for {mistake:?}");
            }
            // If anything had been sent, the transaction would be doomed on one of them.
            sql("SELECT 1").fetch_one(tx).await?.get::<i64>(0)
        })
        .await;
    assert_eq!(done.unwrap(), 1);
    fresh.pool_is_clean().await;
}

async fn nothing_is_bound_to_a_placeholder_that_is_not_a_question_mark<DB: TestDatabase>() {
    let fresh = DB::fresh(1).await;
    fresh.run(DB::TABLE).await;
    fresh.run("INSERT INTO t VALUES (1, 1), (2, 2)").await;
    let on = &mut fresh.store.session();
    for words in ["DELETE FROM t WHERE id = ? OR $1 IS NULL", "DELETE FROM t WHERE id = ? OR :id IS NULL"] {
        let error = sql(words).bind(7).execute(on).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration);
        assert!(error.to_string().contains("write ? for each value"), "{error}");
    }
    assert_eq!(fresh.number("SELECT count(*) FROM t").await, 2);
}

async fn words_for_one_database_take_the_place_of_the_last<DB: TestDatabase>() {
    let fresh = DB::fresh(1).await;
    fresh.run(DB::TABLE).await;
    let on = &mut fresh.store.session();
    let insert = || {
        sql("INSERT INTO t VALUES (?, ?)")
            .mysql("INSERT IGNORE INTO t VALUES (?, ?)")
            .push("ON CONFLICT DO NOTHING")
            .mysql("")
    };
    assert_eq!(insert().bind(1).bind(10).execute(on).await.unwrap(), 1);
    assert_eq!(insert().bind(1).bind(11).execute(on).await.unwrap(), 0);
    let mut query = sql("SELECT n FROM t WHERE TRUE");
    for (column, value) in [("AND id = ?", Some(1)), ("AND n = ?", None), ("AND n < ?", Some(11))] {
        if let Some(value) = value {
            query = query.push(column).bind(value);
        }
    }
    let rows =
        query.push("-- a comment ends with its part").push("ORDER BY id LIMIT ?").bind(20).fetch_all(on).await.unwrap();
    assert_eq!(rows.iter().map(|row| row.get::<i64>("n").unwrap()).collect::<Vec<_>>(), [10]);
}

async fn the_same_words_take_numbers_of_any_width<DB: TestDatabase>() {
    let fresh = DB::fresh(1).await;
    fresh.run(DB::TABLE).await;
    let on = &mut fresh.store.session();
    let insert = || sql("INSERT INTO t VALUES (?, ?)");
    insert().bind(1).bind(1).execute(on).await.unwrap();
    insert().bind(i64::MAX).bind(2_u32).execute(on).await.unwrap();
    insert().bind(3_i16).bind(i64::MIN).execute(on).await.unwrap();
    insert().bind(Some(4)).bind(Some(4_i64)).execute(on).await.unwrap();
    assert_eq!(fresh.number("SELECT count(*) FROM t").await, 4);
}

on_every_database! {
    what_is_quoted_is_no_placeholder;
    each_database_has_its_own_quotes;
    a_mistake_is_found_before_anything_is_sent;
    nothing_is_bound_to_a_placeholder_that_is_not_a_question_mark;
    words_for_one_database_take_the_place_of_the_last;
    the_same_words_take_numbers_of_any_width;
}
