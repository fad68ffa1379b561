//! A rolling migration: two releases of a service work on one database while a third process changes its table.
//!
//! Both releases have prepared statements with `*`, on every connection of their own pools. Every value shows which
//! column it belongs to, so that a value under a wrong name is noticed.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use buttress::sql::{Database, Row, sql};
use buttress::store::{Error, ErrorKind, Retry, Session, Store, TransactionOptions};
use sqlx::Sqlite;
use sqlx::pool::PoolOptions;

use crate::arena::ChaosDatabase;
use crate::support::{Fresh, eventually, soak};

const TASKS: usize = 3;

/// Columns that come and go, and their values.
const COMES_AND_GOES: [(&str, i64); 3] = [("a", 1001), ("b", 1002), ("c", 1003)];

struct Rolling<DB: ChaosDatabase> {
    fresh: Fresh<DB>,
    next: AtomicI64,
    kept: AtomicI64,
    answers: AtomicI64,
    refusals: AtomicI64,
    over: AtomicBool,
}

impl<DB: ChaosDatabase> Rolling<DB> {
    /// One release: writes rows and reads them back, in transactions and outside of them.
    async fn release(self: Arc<Self>, store: Store) {
        while !self.over.load(Ordering::SeqCst) {
            let id = self.next.fetch_add(1, Ordering::SeqCst);
            let written = match id % 3 {
                0 => store.transaction(async |tx| write(tx, id).await).await.map(|row| is_right(&row, id)),
                1 => write(&mut store.session(), id).await.map(|row| is_right(&row, id)),
                _ => store.transaction(async |tx| write_and_read(tx, id).await).await,
            };
            if self.count(&written) {
                self.kept.fetch_add(1, Ordering::SeqCst);
                let read = read(&mut store.read_only().session(), id).await;
                self.count(&read.map(|row| is_right(&row.expect("it is committed"), id)));
            }
            let all = async |tx: &mut Session| sql("SELECT * FROM t ORDER BY id DESC LIMIT 20").fetch_all(tx).await;
            let moment = store.read_only().transaction(all).await;
            let ids = moment.map(|rows| rows.iter().for_each(|row| is_right(row, row.get("id").unwrap())));
            self.count(&ids);
        }
    }

    /// Counts a success, or an error after which a client may try again.
    fn count(&self, answer: &Result<(), Error>) -> bool {
        match answer {
            Ok(()) => self.answers.fetch_add(1, Ordering::SeqCst),
            Err(error) => {
                let clean = error.is_retryable() || error.kind() == ErrorKind::PoolExhausted;
                assert!(clean, "{error}: {:?}", std::error::Error::source(error));
                self.refusals.fetch_add(1, Ordering::SeqCst)
            }
        };
        answer.is_ok()
    }

    /// Waits until both releases have worked with the current table.
    async fn progress(&self) {
        let before = self.answers.load(Ordering::SeqCst);
        eventually("the releases go on", async || self.answers.load(Ordering::SeqCst) >= before + 20).await;
    }

    async fn migrate(&self, change: &str) {
        // It may give way to the load, like a migration that is run again.
        let mut failed = None;
        for _ in 0..20 {
            match DB::run(&self.fresh.witness, change).await {
                Ok(()) => return,
                Err(error) => failed = Some(error),
            }
        }
        panic!("{change}: {failed:?}");
    }
}

async fn write(on: &mut Session, id: i64) -> Result<Row, Error> {
    sql("INSERT INTO t (id, n) VALUES (?, ?) RETURNING *").bind(id).bind(id * 10).fetch_one(on).await
}

async fn read(on: &mut Session, id: i64) -> Result<Option<Row>, Error> {
    sql("SELECT * FROM t WHERE id = ?").bind(id).fetch_optional(on).await
}

async fn write_and_read(tx: &mut Session, id: i64) -> Result<(), Error> {
    sql("INSERT INTO t (id, n) VALUES (?, ?)").bind(id).bind(id * 10).execute(tx).await?;
    is_right(&read(tx, id).await?.expect("it was written"), id);
    let row = sql("SELECT n FROM t WHERE id = ?").bind(id).fetch_one(tx).await?;
    assert_eq!(row.get::<i64>("n")?, id * 10);
    Ok(())
}

fn is_right(row: &Row, id: i64) {
    assert_eq!((row.get::<i64>("id").unwrap(), row.get::<i64>("n").unwrap()), (id, id * 10));
    let names = format!("{row:?}");
    for (name, value) in COMES_AND_GOES {
        if names.contains(&format!("\"{name}\"")) {
            assert_eq!(row.get::<i64>(name).unwrap(), value, "{names}");
        }
    }
}

/// The changes of the table, which can be repeated.
fn changes<DB: ChaosDatabase>() -> Vec<String> {
    let [(a, b), (c, d), (e, f)] = COMES_AND_GOES;
    let add = |name, value| format!("ALTER TABLE t ADD COLUMN {name} BIGINT NOT NULL DEFAULT {value}");
    let mut changes = vec![
        add(a, b),
        add(c, d),
        format!("ALTER TABLE t DROP COLUMN {a}"),
        add(e, f),
        format!("ALTER TABLE t DROP COLUMN {c}"),
        add(a, b),
        format!("ALTER TABLE t DROP COLUMN {e}"),
        format!("ALTER TABLE t DROP COLUMN {a}"),
    ];
    let (to_int, to_bigint) = match DB::NAME {
        "PostgreSQL" => ("ALTER TABLE t ALTER COLUMN n TYPE INTEGER", "ALTER TABLE t ALTER COLUMN n TYPE BIGINT"),
        "MySQL" => ("ALTER TABLE t MODIFY n INT NOT NULL", "ALTER TABLE t MODIFY n BIGINT NOT NULL"),
        // SQLite does not support this.
        _ => return changes,
    };
    changes.insert(3, to_int.to_owned());
    changes.insert(6, to_bigint.to_owned());
    changes
}

/// Another release of the same service, with connections of its own.
fn another<DB: ChaosDatabase>(fresh: &Fresh<DB>) -> Store {
    let options = (*fresh.sql.pool().connect_options()).clone();
    Store::from(Database::from_pool(PoolOptions::<DB>::new().max_connections(4).connect_lazy_with(options)))
}

async fn two_releases_on_one_database_get_right_answers<DB: ChaosDatabase>() {
    let fresh = DB::roomy().await;
    fresh.run("CREATE TABLE t (id BIGINT PRIMARY KEY, n BIGINT NOT NULL)").await;
    let other = another(&fresh);
    let options = TransactionOptions::new().retry(Retry::new().attempts(10));
    let stores = [fresh.store.with_options(options), other.with_options(options)];
    let rolling = Arc::new(Rolling {
        fresh,
        next: AtomicI64::new(1),
        kept: AtomicI64::new(0),
        answers: AtomicI64::new(0),
        refusals: AtomicI64::new(0),
        over: AtomicBool::new(false),
    });
    let tasks = stores.iter().cycle().take(2 * TASKS);
    let tasks: Vec<_> = tasks.map(|store| tokio::spawn(Arc::clone(&rolling).release(store.clone()))).collect();
    for _ in 0..soak(2, 50) {
        for change in changes::<DB>() {
            rolling.progress().await;
            rolling.migrate(&change).await;
        }
    }
    rolling.over.store(true, Ordering::SeqCst);
    for task in tasks {
        task.await.unwrap();
    }
    let [answers, refusals] = [&rolling.answers, &rolling.refusals].map(|count| count.load(Ordering::SeqCst));
    println!("{}: {answers} answers, {refusals} refusals", DB::NAME);
    let kept = rolling.kept.load(Ordering::SeqCst);
    assert!(rolling.fresh.number("SELECT count(*) FROM t").await >= kept, "what was said to be kept is there");
    rolling.fresh.pool_is_clean().await;
}

mod two_releases_get_right_answers {
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn postgres() {
        super::two_releases_on_one_database_get_right_answers::<sqlx::Postgres>().await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn mariadb() {
        super::two_releases_on_one_database_get_right_answers::<sqlx::MySql>().await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn sqlite() {
        super::two_releases_on_one_database_get_right_answers::<super::Sqlite>().await;
    }
}
