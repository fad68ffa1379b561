//! The values that a database stores, and the values that cannot be read as another type.

use buttress::Timestamp;
use buttress::problem::IntoProblem;
use buttress::sql::sql;
use buttress::store::ErrorKind;
use uuid::Uuid;

use super::values::table;
use crate::support::TestDatabase;

async fn what_a_database_would_change_is_refused<DB: TestDatabase>() {
    let fresh = DB::fresh(1).await;
    let on = &mut fresh.store.session();
    table(on).await;
    let wide = sql("INSERT INTO v (id, small) VALUES (1, ?)").sqlite("INSERT INTO v (id, at) VALUES (1, ? || 'x')");
    assert_eq!(wide.bind(40_000).execute(on).await.unwrap_err().kind(), ErrorKind::InvalidValue);
    // It would warn, and store 0.
    sql("SELECT 1").mysql("SET SESSION sql_mode = ''").execute(on).await.unwrap();
    let insert = |value: f64| {
        sql("INSERT INTO v (id, small, real) VALUES (1, NULL, ?)")
            .mysql("INSERT INTO v (id, small, `real`) VALUES (1, NULL, ?)")
            .bind(value)
    };
    for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        match insert(value).execute(on).await {
            Ok(_) => {
                let row = sql("SELECT real FROM v").mysql("SELECT `real` FROM v").fetch_one(on).await.unwrap();
                let found: f64 = row.get(0).unwrap();
                assert!(found == value || found.is_nan() && value.is_nan(), "{value} became {found}");
                sql("DELETE FROM v").execute(on).await.unwrap();
            }
            // No client can have sent it.
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::Unsupported);
                assert_eq!(error.into_problem().status(), 500);
            }
        }
    }
    let zero = sql("INSERT INTO v (id, words) VALUES (2, ?)").bind("a\0b").execute(on).await;
    match zero {
        Ok(_) => {
            let row = sql("SELECT words FROM v WHERE words = ?").bind("a\0b").fetch_one(on).await.unwrap();
            assert_eq!(row.get::<String>(0).unwrap(), "a\0b");
        }
        Err(error) => assert_eq!(error.kind(), ErrorKind::InvalidValue),
    }
}

#[tokio::test]
async fn mariadb_has_a_uuid_of_its_own() {
    let fresh = sqlx::MySql::fresh(1).await;
    let on = &mut fresh.store.session();
    sql("CREATE TABLE u (k UUID PRIMARY KEY)").execute(on).await.unwrap();
    let key = Uuid::from_u128(0x0198_0000_0000_7000_8000_0000_0000_0001);
    sql("INSERT INTO u VALUES (?)").bind(key).execute(on).await.unwrap();
    let row = sql("SELECT k FROM u WHERE k IN").push_list([key]).fetch_one(on).await.unwrap();
    assert_eq!(row.get::<Uuid>("k").unwrap(), key);
}

/// A time without a zone would depend on the session's zone; infinity and dates before the year 0 are not valid times
/// here.
#[tokio::test]
async fn what_is_no_point_in_time_is_refused_on_postgres() {
    let fresh = sqlx::Postgres::fresh(1).await;
    let on = &mut fresh.store.session();
    for time in ["now()::timestamp", "now()::date", "'infinity'::timestamptz", "'4000-01-01 BC'::timestamptz"] {
        let select = sql("SELECT").push(time).push("AS it").fetch_one(on).await.unwrap();
        assert_eq!(select.get::<Timestamp>("it").unwrap_err().kind(), ErrorKind::Other, "{time}");
    }
}

/// A sum has its own format on the wire: digits in base 10,000.
#[tokio::test]
async fn a_numeric_is_read_if_it_is_a_whole_number() {
    let fresh = sqlx::Postgres::fresh(1).await;
    let on = &mut fresh.store.session();
    let whole = sql("SELECT 0::numeric, 12345678.000, -10000.0, 9223372036854775807.0, -9223372036854775808.0, 1e16");
    let row = whole.fetch_one(on).await.unwrap();
    let found: Vec<i64> = (0..6).map(|at| row.get(at).unwrap()).collect();
    assert_eq!(found, [0, 12_345_678, -10_000, i64::MAX, i64::MIN, 10_000_000_000_000_000]);
    let other = sql("SELECT 0.5, 1.00001, 9223372036854775808.0, 'NaN'::numeric, 'Infinity'::numeric, 1e40, 1e-9");
    let row = other.fetch_one(on).await.unwrap();
    for at in 0..7 {
        assert_eq!(row.get::<i64>(at).unwrap_err().kind(), ErrorKind::Other, "{at}");
    }
}

async fn what_does_not_fit_is_refused_without_its_value<DB: TestDatabase>() {
    let fresh = DB::fresh(1).await;
    let on = &mut fresh.store.session();
    table(on).await;
    let insert = sql("INSERT INTO v (id, big, words, raw) VALUES (1, ?, ?, ?)");
    insert.bind(i64::MAX).bind("secret").bind(&[7_u8, 7][..]).execute(on).await.unwrap();
    let row = sql("SELECT big, words, raw FROM v").fetch_one(on).await.unwrap();
    let wrong = [
        row.get::<i32>("big").map(drop),
        row.get::<u32>("big").map(drop),
        row.get::<String>("big").map(drop),
        row.get::<Uuid>("big").map(drop),
        row.get::<i64>("words").map(drop),
        row.get::<bool>("words").map(drop),
        row.get::<f64>("words").map(drop),
        row.get::<Vec<u8>>("words").map(drop),
        row.get::<Timestamp>("words").map(drop),
        row.get::<Option<i64>>("words").map(drop),
        row.get::<String>("raw").map(drop),
        row.get::<Uuid>("raw").map(drop),
        row.get::<[u8; 3]>("raw").map(drop),
        row.get::<i64>("raw").map(drop),
        row.get::<i64>("none").map(drop),
        row.get::<i64>(3).map(drop),
        row.get::<i64>(usize::MAX).map(drop),
    ];
    for (at, wrong) in wrong.into_iter().enumerate() {
        let error = wrong.expect_err(&format!("number {at}"));
        assert_eq!(error.kind(), ErrorKind::Other, "number {at}");
        let text = format!("{error} {error:?}");
        assert!(!text.contains("secret") && !text.contains("9223372036854775807"), "{text}");
        let names = ["big", "words", "raw", "no column none", "no column 3", "no column 18446744073709551615"];
        assert!(names.iter().any(|name| text.contains(name)), "{text}");
    }
    assert_eq!(format!("{row:?}"), r#"["big", "words", "raw"]"#);
}

on_every_database! {
    what_a_database_would_change_is_refused;
    what_does_not_fit_is_refused_without_its_value;
}

/// It would take minutes if at each sign it were found out how far the name before it goes back.
#[tokio::test]
async fn a_name_of_many_signs_is_read_once() {
    for begin in ["a", "_", "\u{e9}", "a$1"] {
        let text = String::leak(format!("SELECT {begin}{} FROM v", "$".repeat(200_000)));
        let fresh = sqlx::Sqlite::fresh(1).await;
        let error = sql(text).fetch_all(&mut fresh.store.session()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Other, "there is no such table");
    }
}
