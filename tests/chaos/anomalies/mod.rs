//! The anomalies that each isolation level prevents and allows: the table in the documentation of `Isolation`, compared
//! with the databases in both directions.

mod script;
mod stage;

use buttress::store::Isolation;
use sqlx::{MySql, Postgres, Sqlite};

use self::script::{
    DIRTY_READ, DIRTY_WRITE, LOST_UPDATE, PHANTOM, PHANTOM_SKEW, PHANTOM_WRITTEN, READ_ONLY_ANOMALY, READ_SKEW, Script,
    WRITE_AFTER_READ, WRITE_SKEW,
};
use self::stage::{Stage, Staged};

/// The anomaly happens.
const O: bool = true;
/// The anomaly cannot happen: a transaction waits, or is told to try again.
const X: bool = false;

/// The columns: PostgreSQL at its three levels; MariaDB at its three, of which the second comes in two kinds, without
/// and with `innodb_snapshot_isolation`; SQLite.
#[rustfmt::skip]
const TABLE: [(Script, [bool; 8]); 10] = [
    //                   PostgreSQL  MariaDB               SQLite
    //                   RC  RR  S   RC  RR  RR+snap.  S
    (DIRTY_WRITE,       [X,  X,  X,  X,  X,  X,        X,  X]),
    (DIRTY_READ,        [X,  X,  X,  X,  X,  X,        X,  X]),
    (READ_SKEW,         [O,  X,  X,  O,  X,  X,        X,  X]),
    (PHANTOM,           [O,  X,  X,  O,  X,  X,        X,  X]),
    (LOST_UPDATE,       [O,  X,  X,  O,  O,  X,        X,  X]),
    (WRITE_AFTER_READ,  [O,  X,  X,  O,  O,  X,        X,  X]),
    (PHANTOM_WRITTEN,   [O,  X,  X,  O,  O,  X,        X,  X]),
    (WRITE_SKEW,        [O,  O,  X,  O,  O,  O,        X,  X]),
    (PHANTOM_SKEW,      [O,  O,  X,  O,  O,  O,        X,  X]),
    (READ_ONLY_ANOMALY, [O,  O,  X,  O,  O,  O,        X,  X]),
];

#[test]
fn the_documentation_shows_this_table() {
    let source = include_str!("../../../src/store/options.rs");
    let shown: Vec<&str> = source.lines().skip_while(|line| !line.contains("level (below)")).skip(1).collect();
    for ((script, happens), line) in TABLE.iter().zip(shown) {
        let cells = happens.map(|happens| if happens { " yes |" } else { " |" });
        assert_eq!(line, format!("/// | {} |{}", script.name, cells.concat()));
    }
}

/// Plays all scripts at one level.
async fn column<DB: Staged>(column: usize, level: Option<Isolation>, setting: Option<&'static str>) {
    let mut stage = Stage::<DB>::new(level, setting).await;
    for (script, happens) in TABLE {
        let heard = stage.play(script.lines).await;
        assert_eq!((script.happened)(&heard), happens[column], "{}: {heard:?}", script.name);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_read_committed() {
    column::<Postgres>(0, Some(Isolation::ReadCommitted), None).await;
    // The default level.
    column::<Postgres>(0, None, None).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_repeatable_read() {
    column::<Postgres>(1, Some(Isolation::RepeatableRead), None).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_serializable() {
    column::<Postgres>(2, Some(Isolation::Serializable), None).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mariadb_read_committed() {
    column::<MySql>(3, Some(Isolation::ReadCommitted), None).await;
}

const AS_OF_OLD: Option<&str> = Some("SET SESSION innodb_snapshot_isolation = OFF");
/// MariaDB's default since 11.6.2.
const SNAPSHOT: Option<&str> = Some("SET SESSION innodb_snapshot_isolation = ON");

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mariadb_repeatable_read() {
    column::<MySql>(4, Some(Isolation::RepeatableRead), AS_OF_OLD).await;
}

/// The default level.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mariadb_by_default() {
    column::<MySql>(4, None, AS_OF_OLD).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mariadb_repeatable_read_with_snapshot_isolation() {
    column::<MySql>(5, Some(Isolation::RepeatableRead), SNAPSHOT).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mariadb_serializable() {
    column::<MySql>(6, Some(Isolation::Serializable), None).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite() {
    // A lower level than its own cannot be set.
    column::<Sqlite>(7, Some(Isolation::ReadCommitted), None).await;
    column::<Sqlite>(7, None, None).await;
}
