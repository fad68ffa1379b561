//! The outbox's relay under load, on a `PostgreSQL` server of its own: `outbox_load MODE URL [SECONDS]`, see
//! `scripts/bench-outbox`.
//!
//! - `writers`: 32 tasks write an order and its event, each in a transaction of the store that the relay shares.
//! - `looks`: 100,000 keys have an event that waits for later, and 1,000,000 keys were used before; ten times a second,
//!   an event becomes due.

use std::convert::Infallible;
use std::error::Error;
use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use buttress::outbox::{Delivery, Event, Outbox};
use buttress::sql::{Connect, sql};
use buttress::store::{Session, Store};

type Failed = Box<dyn Error + Send + Sync>;

const WRITERS: u64 = 32;

fn main() -> Result<(), Failed> {
    let mut args = std::env::args().skip(1);
    let (Some(mode), Some(url)) = (args.next(), args.next()) else {
        return Err("outbox_load writers|looks URL [SECONDS]".into());
    };
    let seconds = args.next().map_or(Ok(20), |seconds| seconds.parse())?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(async {
        let store = Connect::to(&url)?.open().await?;
        let outbox = Outbox::new();
        fresh(&store, &outbox).await?;
        match &*mode {
            "writers" => writers(&store, &outbox, &url, seconds).await,
            "looks" => looks(&store, &outbox, seconds).await,
            _ => Err("the modes are `writers` and `looks`".into()),
        }
    })
}

async fn run(on: &mut Session, words: &'static str) -> Result<u64, Failed> {
    Ok(sql(words).execute(on).await?)
}

async fn number(on: &mut Session, words: &'static str) -> Result<i64, Failed> {
    Ok(sql(words).fetch_one(on).await?.get(0)?)
}

/// Empties the tables.
async fn fresh(store: &Store, outbox: &Outbox) -> Result<(), Failed> {
    outbox.migrate(store).await?;
    let on = &mut store.session();
    run(on, "DROP TABLE IF EXISTS load_orders").await?;
    run(on, "CREATE TABLE load_orders (id BIGINT PRIMARY KEY, total BIGINT NOT NULL)").await?;
    run(on, "TRUNCATE buttress_outbox, buttress_outbox_keys").await?;
    Ok(())
}

/// The CPU time that a process has used.
fn cpu(pid: &str) -> Duration {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let fields = stat.rsplit(") ").next().unwrap_or_default().split(' ').skip(11).take(2);
    Duration::from_millis(fields.filter_map(|ticks| ticks.parse::<u64>().ok()).sum::<u64>() * 10)
}

/// The CPU time of this process, and of the server's processes that work for it.
async fn used(on: &mut Session) -> Result<(Duration, Duration), Failed> {
    let rows = sql("SELECT pid FROM pg_stat_activity WHERE datname = current_database()").fetch_all(on).await?;
    let mut server = Duration::ZERO;
    for row in &rows {
        server += cpu(&row.get::<i64>("pid")?.to_string());
    }
    Ok((cpu("self"), server))
}

async fn writers(store: &Store, outbox: &Outbox, url: &str, seconds: u64) -> Result<(), Failed> {
    let watch = &mut Connect::to(url)?.max_connections(1).open().await?.session();
    let (over, written) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let relay = outbox.relay(store, async |_: Delivery| Ok::<_, Infallible>(())).spawn();
    let begun = Instant::now();
    let tasks: Vec<_> = (0..WRITERS)
        .map(|writer| {
            tokio::spawn(write(store.clone(), outbox.clone(), writer, Arc::clone(&over), Arc::clone(&written)))
        })
        .collect();
    println!("second  written  delivered  waiting");
    for second in 1..=seconds {
        tokio::time::sleep_until((begun + Duration::from_secs(second)).into()).await;
        if second % 5 == 0 || second == seconds {
            let (written, delivered) = (written.load(Ordering::Relaxed), relay.stats().delivered);
            let waiting = number(watch, "SELECT count(*) FROM buttress_outbox").await?;
            println!("{second:>6}  {written:>7}  {delivered:>9}  {waiting:>7}");
        }
    }
    let (process, server) = used(watch).await?;
    over.store(true, Ordering::Relaxed);
    for task in tasks {
        task.await??;
    }
    let (ended, left) = (Instant::now(), number(watch, "SELECT count(*) FROM buttress_outbox").await?);
    while number(watch, "SELECT count(*) FROM buttress_outbox").await? > 0 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    println!("{left} were left, and delivered after {:.2} s", ended.elapsed().as_secs_f64());
    let orders = written.load(Ordering::Relaxed) as f64;
    println!(
        "{:.0} orders a second; CPU for an order and its delivery: {:.0} us here, {:.0} us in the server",
        orders / seconds as f64,
        process.as_secs_f64() * 1e6 / orders,
        server.as_secs_f64() * 1e6 / orders,
    );
    relay.stop(Duration::from_secs(5)).await;
    Ok(())
}

async fn write(
    store: Store,
    outbox: Outbox,
    writer: u64,
    over: Arc<AtomicBool>,
    written: Arc<AtomicU64>,
) -> Result<(), buttress::store::Error> {
    let mut number = writer * 1_000_000_000;
    while !over.load(Ordering::Relaxed) {
        number += 1;
        let id = number as i64;
        store
            .transaction(async |tx| {
                sql("INSERT INTO load_orders VALUES (?, ?)").bind(id).bind(1_990).execute(tx).await?;
                outbox.write(tx, Event::new("order-placed").key(id).json(&id)?).await
            })
            .await?;
        written.fetch_add(1, Ordering::Relaxed);
    }
    Ok(())
}

async fn looks(store: &Store, outbox: &Outbox, seconds: u64) -> Result<(), Failed> {
    let on = &mut store.session();
    run(on, "INSERT INTO buttress_outbox_keys SELECT 'used ' || n, 1 FROM generate_series(1, 1000000) n").await?;
    run(
        on,
        "INSERT INTO buttress_outbox (id, event_key, lane, sequence, kind, headers, payload, created_at, due_at)
         SELECT gen_random_uuid(), 'key ' || n, 'key ' || n, 1, 'told', '{}', '', now(), now() + interval '1 hour'
         FROM generate_series(1, 100000) n",
    )
    .await?;
    run(on, "ANALYZE buttress_outbox").await?;
    let relay = outbox.relay(store, async |_: Delivery| Ok::<_, Infallible>(())).spawn();
    // By then, the relay's connections are open.
    tokio::time::sleep(Duration::from_secs(2)).await;
    let before = used(on).await?;
    for _ in 0..seconds * 10 {
        tokio::time::sleep(Duration::from_millis(100)).await;
        store.transaction(async |tx| outbox.write(tx, Event::new("told")).await).await?;
    }
    let after = used(on).await?;
    let share = |before: Duration, after: Duration| (after - before).as_secs_f64() / seconds as f64 * 100.0;
    println!(
        "100,000 keys wait, ten events a second are due: {:.1} % of a core here, {:.1} % in the server",
        share(before.0, after.0),
        share(before.1, after.1)
    );
    relay.stop(Duration::from_secs(5)).await;
    Ok(())
}
