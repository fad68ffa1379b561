//! Every value is read back as it was written, on every database.

use std::borrow::Cow;

use buttress::Timestamp;
use buttress::sql::{Column, FromColumn, IntoValue, Row, ToValue, Value, ValueType, sql};
use buttress::store::{Error, Session};
use uuid::Uuid;

use crate::support::TestDatabase;

/// One column of each type, and a key.
pub(super) async fn table(on: &mut Session) {
    let words = "CREATE TABLE v (id BIGINT PRIMARY KEY, b BOOLEAN, small SMALLINT, int INTEGER, big BIGINT,
                 real DOUBLE PRECISION, words TEXT, raw BYTEA, key UUID, at TIMESTAMPTZ)";
    let mysql = "CREATE TABLE v (id BIGINT PRIMARY KEY, b BOOLEAN, small SMALLINT, `int` INTEGER, big BIGINT,
                 `real` DOUBLE, words TEXT CHARACTER SET utf8mb4, raw LONGBLOB, `key` BINARY(16), at DATETIME(6))";
    let sqlite = "CREATE TABLE v (id INTEGER PRIMARY KEY, b INTEGER, small INTEGER, int INTEGER, big INTEGER,
                  real REAL, words TEXT, raw BLOB, key BLOB, at INTEGER) STRICT";
    sql(words).mysql(mysql).sqlite(sqlite).execute(on).await.unwrap();
}

/// Writes a value, reads it back, and finds its row by it.
async fn through<'q, V, R>(on: &mut Session, column: &'static str, value: V) -> R
where
    V: IntoValue<'q> + Clone,
    R: FromColumn,
{
    let quoted = match column {
        "int" => "`int`",
        "real" => "`real`",
        "key" => "`key`",
        other => other,
    };
    sql("DELETE FROM v").execute(on).await.unwrap();
    let insert = sql("INSERT INTO v (id,").push(column).mysql(quoted).push(") VALUES (1, ?)").bind(value.clone());
    assert_eq!(insert.execute(on).await.unwrap(), 1);
    let select = sql("SELECT").push(column).mysql(quoted).push("AS it FROM v WHERE");
    let select = select.push(column).mysql(quoted).push("= ?").bind(value);
    let row = select.fetch_optional(on).await.unwrap().unwrap_or_else(|| panic!("{column} is not found by its value"));
    row.get("it").unwrap()
}

async fn values_go_there_and_back<DB: TestDatabase>() {
    let fresh = DB::fresh(1).await;
    let on = &mut fresh.store.session();
    table(on).await;
    for value in [true, false] {
        assert_eq!(through::<_, bool>(on, "b", value).await, value);
    }
    for value in [i16::MIN, -1, 0, i16::MAX] {
        assert_eq!(through::<_, i16>(on, "small", value).await, value);
        assert_eq!(
            through::<_, i64>(on, "small", value).await,
            i64::from(value),
            "a narrow column read as a wide number"
        );
    }
    for value in [i32::MIN, -1, 0, i32::MAX] {
        assert_eq!(through::<_, i32>(on, "int", value).await, value);
        assert_eq!(through::<_, i64>(on, "int", i64::from(value)).await, i64::from(value));
    }
    for value in [i64::MIN, -1, 0, i64::MAX] {
        assert_eq!(through::<_, i64>(on, "big", value).await, value);
    }
    assert_eq!(through::<_, u32>(on, "big", u32::MAX).await, u32::MAX);
    for value in [f64::MIN, -0.1, 0.0, f64::MIN_POSITIVE, 1.0, f64::MAX] {
        assert_eq!(through::<_, f64>(on, "real", value).await, value);
    }
}

async fn texts_go_there_and_back<DB: TestDatabase>() {
    let fresh = DB::fresh(1).await;
    let on = &mut fresh.store.session();
    table(on).await;
    let long = "ü".repeat(30_000);
    for text in ["", " ", "mug", "it's ? \\ \"$1\" -- /*", "\u{10FFFF}\u{1F600}e\u{301}", &long] {
        assert_eq!(through::<_, String>(on, "words", text).await, text);
        assert_eq!(through::<_, String>(on, "words", text.to_owned()).await, text);
        assert_eq!(through::<_, String>(on, "words", Cow::Borrowed(text)).await, text);
        assert_eq!(through::<_, String>(on, "words", &&Cow::Borrowed(text)).await, text);
    }
    let bytes: Vec<u8> = (0..=255).collect();
    for raw in [&[][..], &[0], &[0xFF, 0, 0xFE], &bytes] {
        assert_eq!(through::<_, Vec<u8>>(on, "raw", raw).await, raw);
        assert_eq!(through::<_, Vec<u8>>(on, "raw", raw.to_vec()).await, raw);
        assert_eq!(through::<_, Vec<u8>>(on, "raw", Cow::Borrowed(raw)).await, raw);
    }
    assert_eq!(through::<_, [u8; 3]>(on, "raw", &[7, 0, 7]).await, [7, 0, 7]);
    for key in [Uuid::nil(), Uuid::max(), Uuid::from_u128(0x0198_0000_0000_7000_8000_0000_0000_0001)] {
        assert_eq!(through::<_, Uuid>(on, "key", key).await, key);
    }
}

async fn times_go_there_and_back<DB: TestDatabase>() {
    let fresh = DB::fresh(1).await;
    let on = &mut fresh.store.session();
    table(on).await;
    let times = [
        Timestamp::MIN,
        "0001-01-01T00:00:00Z".parse().unwrap(),
        "1969-12-31T23:59:59.999Z".parse().unwrap(),
        Timestamp::UNIX_EPOCH,
        "2026-11-22T00:00:00Z".parse().unwrap(),
        "2026-11-22T15:04:05Z".parse().unwrap(),
        "2026-11-22T15:04:05.001Z".parse().unwrap(),
        Timestamp::MAX,
    ];
    for time in times {
        assert_eq!(through::<_, Timestamp>(on, "at", time).await, time);
    }
}

async fn what_is_bound_can_be_selected<DB: TestDatabase>() {
    let fresh = DB::fresh(1).await;
    let on = &mut fresh.store.session();
    let (key, at) = (Uuid::max(), "2026-11-22T15:04:05.123Z".parse::<Timestamp>().unwrap());
    let select = sql("SELECT ?, ?, ?, ?, ?, ?, coalesce(?, ?), ?");
    let select = select.bind(true).bind(1).bind(0.5).bind("ü").bind(&[0_u8][..]).bind(key);
    let row = select.bind(None::<Timestamp>).bind(at).bind(None::<&str>).fetch_one(on).await.unwrap();
    assert!(row.get::<bool>(0).unwrap());
    assert_eq!(row.get::<i64>(1).unwrap(), 1);
    assert_eq!(row.get::<f64>(2).unwrap(), 0.5);
    assert_eq!(row.get::<String>(3).unwrap(), "ü");
    assert_eq!(row.get::<Vec<u8>>(4).unwrap(), [0]);
    assert_eq!(row.get::<Uuid>(5).unwrap(), key);
    assert_eq!(row.get::<Timestamp>(6).unwrap(), at);
    assert_eq!(row.get::<Option<String>>(7).unwrap(), None);
}

/// Fractions below a millisecond are cut, on both sides of 1970.
async fn finer_times_are_cut<DB: TestDatabase>() {
    let fresh = DB::fresh(1).await;
    let on = &mut fresh.store.session();
    table(on).await;
    sql("INSERT INTO v (id, at) VALUES (1, '1969-12-31 23:59:59.998001Z'), (2, '2026-11-22 15:04:05.123999Z')")
        .mysql("INSERT INTO v (id, at) VALUES (1, '1969-12-31 23:59:59.998001'), (2, '2026-11-22 15:04:05.123999')")
        .sqlite("INSERT INTO v (id, at) VALUES (1, -1999), (2, 1795359845123999)")
        .execute(on)
        .await
        .unwrap();
    let rows = sql("SELECT at FROM v ORDER BY id").fetch_all(on).await.unwrap();
    let times: Vec<_> = rows.iter().map(|row| row.get::<Timestamp>("at").unwrap().to_string()).collect();
    assert_eq!(times, ["1969-12-31T23:59:59.998Z", "2026-11-22T15:04:05.123Z"]);
}

async fn nothing_goes_there_and_back<DB: TestDatabase>() {
    let fresh = DB::fresh(1).await;
    let on = &mut fresh.store.session();
    table(on).await;
    let insert =
        "INSERT INTO v (id, b, small, int, big, real, words, raw, key, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    let mysql =
        "INSERT INTO v (id, b, small, `int`, big, `real`, words, raw, `key`, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    for (id, some) in [(1, false), (2, true), (3, false)] {
        // An option can also be bound by reference.
        let (key, at) = (&some.then(Uuid::nil), &some.then_some(Timestamp::UNIX_EPOCH));
        sql(insert)
            .mysql(mysql)
            .bind(id)
            .bind(some.then_some(true))
            .bind(some.then_some(1_i16))
            .bind(some.then_some(1_i32))
            .bind(some.then_some(1_i64))
            .bind(some.then_some(1.0))
            .bind(some.then_some("text"))
            .bind(some.then(|| vec![1_u8]))
            .bind(key)
            .bind(at)
            .execute(on)
            .await
            .unwrap();
    }
    let rows = sql("SELECT * FROM v ORDER BY id").fetch_all(on).await.unwrap();
    assert_eq!(rows.iter().map(is_nothing).collect::<Vec<_>>(), [true, false, true]);
    for at in 1..10 {
        let error = refused(&rows[0], at);
        assert!(error.contains("it holds no value"), "{error}");
    }
}

fn is_nothing(row: &Row) -> bool {
    let nothing = [
        row.get::<Option<bool>>("b").unwrap().is_none(),
        row.get::<Option<i16>>("small").unwrap().is_none(),
        row.get::<Option<i32>>("int").unwrap().is_none(),
        row.get::<Option<i64>>("big").unwrap().is_none(),
        row.get::<Option<f64>>("real").unwrap().is_none(),
        row.get::<Option<String>>("words").unwrap().is_none(),
        row.get::<Option<Vec<u8>>>("raw").unwrap().is_none(),
        row.get::<Option<Uuid>>("key").unwrap().is_none(),
        row.get::<Option<Timestamp>>("at").unwrap().is_none(),
    ];
    assert!(nothing.iter().all(|one| *one == nothing[0]), "{nothing:?}");
    nothing[0]
}

/// Why a column cannot be read as the requested type.
fn refused(row: &Row, at: usize) -> String {
    let error = match at {
        1 => row.get::<bool>(at).map(drop),
        2 => row.get::<i16>(at).map(drop),
        3 => row.get::<i32>(at).map(drop),
        4 => row.get::<i64>(at).map(drop),
        5 => row.get::<f64>(at).map(drop),
        6 => row.get::<String>(at).map(drop),
        7 => row.get::<Vec<u8>>(at).map(drop),
        8 => row.get::<Uuid>(at).map(drop),
        _ => row.get::<Timestamp>(at).map(drop),
    }
    .unwrap_err();
    std::error::Error::source(&error).unwrap().to_string()
}

async fn sums_and_counts_are_whole_numbers<DB: TestDatabase>() {
    let fresh = DB::fresh(1).await;
    let on = &mut fresh.store.session();
    table(on).await;
    let sums = [[0, 0], [1, 2], [9_999, 1], [10_000, 90_000_000], [-1, -123_456_789_012], [i64::MAX, 0], [i64::MIN, 0]];
    for values in sums {
        sql("DELETE FROM v").execute(on).await.unwrap();
        sql("INSERT INTO v (id, big) VALUES")
            .push_rows(values.iter().enumerate(), |row, (id, value)| row.bind(id as i64).bind(value))
            .execute(on)
            .await
            .unwrap();
        let row = sql("SELECT count(*) AS n, sum(big) AS total, max(big) AS top, sum(small) AS none FROM v");
        let row = row.fetch_one(on).await.unwrap();
        assert_eq!(row.get::<i64>("n").unwrap(), 2);
        assert_eq!(row.get::<i64>("total").unwrap(), values[0] + values[1]);
        assert_eq!(row.get::<i64>("top").unwrap(), values[0].max(values[1]));
        assert_eq!(row.get::<Option<i64>>("none").unwrap(), None);
    }
}

#[derive(Debug, Clone, PartialEq)]
struct Sku(String);

impl ToValue for Sku {
    const TYPE: ValueType = ValueType::Text;
    fn to_value(&self) -> Value<'_> {
        self.0.to_value()
    }
}

impl FromColumn for Sku {
    fn from_column(column: Column<'_>) -> Result<Self, Error> {
        match column.text()? {
            "" => Err(column.unreadable("a SKU")),
            text => Ok(Self(text.to_owned())),
        }
    }
}

async fn a_type_of_ones_own_goes_there_and_back<DB: TestDatabase>() {
    let fresh = DB::fresh(1).await;
    let on = &mut fresh.store.session();
    table(on).await;
    let mug = Sku("mug".to_owned());
    assert_eq!(through::<_, Sku>(on, "words", &mug).await, mug);
    assert_eq!(through::<_, Option<Sku>>(on, "words", Some(&mug)).await, Some(mug.clone()));
    assert_eq!(through::<_, Sku>(on, "words", &Some(mug.clone())).await, mug);
    sql("UPDATE v SET words = ?").bind("").execute(on).await.unwrap();
    let row = sql("SELECT words FROM v").fetch_one(on).await.unwrap();
    let error = row.get::<Sku>(0).unwrap_err();
    let text = format!("{error:?}");
    assert!(text.contains("the column words cannot be read as a SKU"), "{text}");
}

on_every_database! {
    values_go_there_and_back;
    texts_go_there_and_back;
    times_go_there_and_back;
    what_is_bound_can_be_selected;
    finer_times_are_cut;
    nothing_goes_there_and_back;
    sums_and_counts_are_whole_numbers;
    a_type_of_ones_own_goes_there_and_back;
}
