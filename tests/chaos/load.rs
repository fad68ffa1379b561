//! Many writers, while their connections, sockets and servers are killed.

use std::collections::BTreeSet;
use std::future::Future;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use buttress::store::{Error, ErrorKind, Outcome, Session, Store, TransactionOptions};
use sqlx::{AssertSqlSafe, Executor};
use tokio::task::block_in_place;

use crate::arena::{Kill, Proxied, ServerDatabase, proxied, proxied_on};
use crate::ledger::{End, Ledger};
use crate::proxy::Cut;
use crate::support::server::PrivateServer;
use crate::support::{eventually, soak};

const WRITERS: usize = 16;
/// Fewer than writers, so that they wait for one another's connections.
const CONNECTIONS: u32 = 8;
const TABLE: &str = "CREATE TABLE units (unit BIGINT NOT NULL, part BIGINT NOT NULL)";

/// The errors of units that lose a connection, or time out. Two outcomes are not among them: a unit that is done a
/// second time, and a transaction that is lost silently.
const EXPECTED: [ErrorKind; 6] = [
    ErrorKind::ConnectionLost,
    ErrorKind::UnknownCommit,
    ErrorKind::PoolExhausted,
    ErrorKind::StatementTimeout,
    ErrorKind::DeadlineExceeded,
    ErrorKind::Aborted,
];

struct Load<DB: ServerDatabase> {
    arena: Proxied<DB>,
    ledger: Ledger,
    /// The units whose after-commit hooks have run.
    told: Arc<Mutex<Vec<i64>>>,
    over: AtomicBool,
}

impl<DB: ServerDatabase> Load<DB> {
    async fn new(arena: Proxied<DB>) -> Arc<Self> {
        arena.fresh.run(TABLE).await;
        Arc::new(Self {
            arena,
            ledger: Ledger::expecting(&EXPECTED),
            told: Arc::default(),
            over: AtomicBool::new(false),
        })
    }

    /// Runs the writers during a disturbance, and then compares.
    async fn run(self: Arc<Self>, name: &str, disturb: impl Future<Output = ()>) {
        let writers: Vec<_> = (0..WRITERS).map(|_| tokio::spawn(Arc::clone(&self).writer())).collect();
        disturb.await;
        self.over.store(true, Ordering::SeqCst);
        for writer in writers {
            writer.await.unwrap();
        }
        self.ledger.report(name);
        self.arena.fresh.pool_is_clean().await;
        let rows = DB::pairs(&self.arena.fresh.witness, "SELECT unit, count(*) FROM units GROUP BY unit").await;
        self.ledger.agrees_with(&rows, 2);
        assert_eq!(self.arena.fresh.number("SELECT count(*) FROM units WHERE part NOT IN (1, 2)").await, 0);
        assert!(!self.ledger.which(End::Committed).is_empty());
        self.hooks_ran_for_what_was_kept(&rows).await;
    }

    /// A hook runs once for each unit that is known to be committed, and never for a unit that is not there.
    async fn hooks_ran_for_what_was_kept(&self, rows: &[(i64, i64)]) {
        let committed: BTreeSet<i64> = self.ledger.which(End::Committed).into_iter().collect();
        let told = || self.told.lock().unwrap().iter().copied().collect::<BTreeSet<i64>>();
        eventually("the hooks have run", async || told().is_superset(&committed)).await;
        assert_eq!(told().len(), self.told.lock().unwrap().len(), "no hook ran twice");
        let there = rows.iter().map(|(unit, _)| *unit).collect();
        assert!(told().is_subset(&there), "no hook ran for nothing");
    }

    async fn writer(self: Arc<Self>) {
        while !self.over.load(Ordering::SeqCst) {
            let unit = self.ledger.begin();
            let store = self.arena.store.with_options(options());
            let work = work::<DB>(&store, unit, &self.told);
            let outcome = match fastrand::u8(..4) {
                0 => tokio::time::timeout(a_moment(), work).await.ok(),
                _ => Some(work.await),
            };
            self.ledger.end(unit, outcome.as_ref());
        }
    }

    /// Waits until the writers have made progress.
    async fn progress(&self, units: usize) {
        let before = self.ledger.ended();
        eventually("the writers go on", async || self.ledger.ended() >= before + units).await;
    }
}

/// About as long as a unit takes, so that it may hit any part of one.
fn a_moment() -> Duration {
    Duration::from_micros(fastrand::u64(..20_000))
}

fn options() -> TransactionOptions {
    let options = if fastrand::bool() { TransactionOptions::new() } else { TransactionOptions::new().resolvable() };
    if fastrand::u8(..8) == 0 { options.deadline(a_moment()) } else { options }
}

/// A unit of two rows. Some try a third in between, which fails alone.
async fn work<DB: ServerDatabase>(store: &Store, unit: i64, told: &Arc<Mutex<Vec<i64>>>) -> Outcome<(), Error> {
    store
        .try_transaction(async |tx| {
            let told = Arc::clone(told);
            tx.after_commit(async move || {
                told.lock().unwrap().push(unit);
                Ok::<_, Error>(())
            })?;
            insert::<DB>(tx, unit, 1).await?;
            if unit % 4 == 0 {
                let failed: Result<(), Error> = tx
                    .transaction(async |tx| {
                        insert::<DB>(tx, unit, 3).await?;
                        Err(Error::corrupt("the third row"))
                    })
                    .await;
                drop(failed);
            }
            insert::<DB>(tx, unit, 2).await
        })
        .await
}

async fn insert<DB: ServerDatabase>(on: &mut Session, unit: i64, part: i64) -> Result<(), Error> {
    let sql = AssertSqlSafe(format!("INSERT INTO units VALUES ({unit}, {part})"));
    let conn = on.sql::<DB>().await?;
    // Alternates between text and a prepared statement, since these are different messages.
    if unit % 2 == 0 {
        conn.execute(sqlx::raw_sql(sql)).await?;
    } else {
        conn.execute(sqlx::query(sql)).await?;
    }
    Ok(())
}

async fn connections_are_killed_under_load<DB: ServerDatabase>() {
    let load = Load::<DB>::new(proxied::<DB>(CONNECTIONS).await).await;
    let running = Arc::clone(&load);
    load.run("connections killed", async move {
        for _ in 0..soak(25, 1_000) {
            running.progress(fastrand::usize(1..20)).await;
            DB::kill(&running.arena.fresh.witness, Kill::any_one()).await;
        }
    })
    .await;
}

/// All kills at once, and so often that many a commit is hit while it is in progress.
async fn everything_is_killed_under_load<DB: ServerDatabase>() {
    let load = Load::<DB>::new(proxied::<DB>(CONNECTIONS).await).await;
    let running = Arc::clone(&load);
    load.run("everything killed", async move {
        for round in 0..soak(40, 2_000) {
            running.progress(1).await;
            let kill = if round % 4 == 0 { Kill::Connections } else { Kill::Statements };
            DB::kill(&running.arena.fresh.witness, kill).await;
        }
        running.progress(1).await;
    })
    .await;
}

async fn sockets_are_cut_under_load<DB: ServerDatabase>() {
    let load = Load::<DB>::new(proxied::<DB>(CONNECTIONS).await).await;
    let running = Arc::clone(&load);
    let cuts = [Cut::Before, Cut::Between, Cut::After, Cut::Late];
    load.run("sockets cut", async move {
        let proxy = &running.arena.proxy;
        proxy.let_go();
        for _ in 0..soak(25, 1_000) {
            running.progress(fastrand::usize(1..20)).await;
            match fastrand::usize(..cuts.len() + 3) {
                0 => proxy.cut_all(),
                1 => proxy.delay(a_moment() / 10),
                2 => stand_still(&running).await,
                other => proxy.arm(cuts[other - 3]),
            }
        }
    })
    .await;
}

/// Blocks everything until at least one caller has timed out.
async fn stand_still<DB: ServerDatabase>(load: &Load<DB>) {
    load.arena.proxy.hold();
    tokio::time::sleep(a_moment()).await;
    load.arena.proxy.release();
}

/// All kills at once, on a server that is killed and comes back.
async fn servers_are_killed_under_load<DB: ServerDatabase>() {
    let server = block_in_place(|| PrivateServer::start(DB::KIND));
    let load = Load::<DB>::new(proxied_on::<DB>(&server, CONNECTIONS).await).await;
    let running = Arc::clone(&load);
    load.run("servers killed", async {
        for _ in 0..soak(1, 20) {
            for _ in 0..5 {
                running.progress(fastrand::usize(1..20)).await;
                running.arena.proxy.arm(Cut::Between);
                DB::kill(&running.arena.fresh.witness, Kill::Connection).await;
            }
            running.progress(fastrand::usize(1..20)).await;
            block_in_place(|| server.kill());
            // Requests in the meantime fail, or wait.
            tokio::time::sleep(a_moment() * 10).await;
            block_in_place(|| server.start_again());
        }
        running.progress(WRITERS * 4).await;
    })
    .await;
}

on_every_server! {
    connections_are_killed_under_load;
    everything_is_killed_under_load;
    sockets_are_cut_under_load;
    servers_are_killed_under_load;
}
