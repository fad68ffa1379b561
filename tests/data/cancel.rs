//! A transaction that is dropped at any moment: after its first poll, its second, and so on until it comes to its end.
//!
//! Whatever the moment: no connection of the pool is left inside a transaction, all of the work is kept or none of it,
//! acknowledged work is there, and hooks ran for no other work.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use buttress::sql::{Tx, transaction};
use buttress::store::{Error, ErrorKind, Session, TransactionOptions};
use futures_util::TryStreamExt;
use sqlx::{AssertSqlSafe, Executor};
use tokio::time::timeout;

use crate::support::cut::{Moment, cut};
use crate::support::statements::{insert, run};
use crate::support::{Fresh, TestDatabase, soak};

/// The ways to run a transaction.
#[derive(Debug, Clone, Copy)]
enum Road {
    Transaction,
    Once,
    Typed,
    Session,
}

/// The units whose hook ran.
type Hooks = Arc<Mutex<Vec<i64>>>;

/// The work of a unit, on its own rows: the first and the third are kept.
async fn script<DB: TestDatabase>(tx: &mut Session, unit: i64, hooks: &Hooks) -> Result<(), Error> {
    insert::<DB>(tx, unit + 1).await?;
    let failed: Result<(), Error> = tx
        .transaction(async |tx| {
            insert::<DB>(tx, unit + 2).await?;
            insert::<DB>(tx, unit + 1).await
        })
        .await;
    assert_eq!(failed.unwrap_err().kind(), ErrorKind::UniqueViolation);
    tx.transaction(async |tx| insert::<DB>(tx, unit + 3).await).await?;
    let rows = AssertSqlSafe(format!("SELECT id FROM t WHERE id BETWEEN {unit} AND {unit} + 9"));
    let rows: Vec<_> = tx.sql::<DB>().await?.fetch(sqlx::query::<DB>(rows)).try_collect().await?;
    assert_eq!(rows.len(), 2);
    let hooks = Arc::clone(hooks);
    tx.after_commit(async move || {
        hooks.lock().unwrap().push(unit);
        Ok::<_, Error>(())
    })?;
    run::<DB>(tx, &format!("UPDATE t SET n = 1 WHERE id = {unit} + 1")).await
}

/// Whether all of a unit is kept, or none of it; any other state fails the test.
async fn is_kept<DB: TestDatabase>(fresh: &Fresh<DB>, unit: i64) -> bool {
    let rows = |more: &str| format!("SELECT count(*) FROM t WHERE id BETWEEN {unit} AND {unit} + 8 {more}");
    let all = fresh.number(&rows("")).await;
    let right = format!("AND (id = {unit} + 1 AND n = 1 OR id = {unit} + 3 AND n = 0)");
    let right = fresh.number(&rows(&right)).await;
    assert!(matches!((all, right), (0, 0) | (2, 2)), "{all} rows of unit {unit}, {right} of them right");
    all > 0
}

async fn run_cut<DB: TestDatabase>(
    (road, fresh): (Road, &Fresh<DB>),
    (unit, hooks): (i64, &Hooks),
    (polls, moment): (usize, Moment),
) -> Option<Result<(), Error>> {
    let work = async |tx: &mut Session| script::<DB>(tx, unit, hooks).await;
    match road {
        Road::Transaction => cut(fresh.store.transaction(work), polls, moment).await,
        Road::Once => cut(fresh.store.transaction_once(work), polls, moment).await,
        Road::Typed => {
            let work = async |tx: &mut Tx<DB>| script::<DB>(tx, unit, hooks).await;
            cut(transaction(fresh.sql.pool(), TransactionOptions::new(), work), polls, moment).await
        }
        Road::Session => {
            let mut session = fresh.store.session();
            let done = cut(session.transaction(work), polls, moment).await;
            // The session is still usable.
            insert::<DB>(&mut session, unit + 9).await.unwrap();
            assert_eq!(fresh.number(&format!("SELECT count(*) FROM t WHERE id = {unit} + 9")).await, 1);
            done
        }
    }
}

async fn at_every_poll<DB: TestDatabase>(road: Road, connections: u32, moment: Moment) {
    let fresh = DB::fresh(connections).await;
    fresh.run(DB::TABLE).await;
    let hooks = Hooks::default();
    let (mut polls, mut cuts) = (1, 0);
    for unit in (10..).step_by(10) {
        let done = run_cut((road, &fresh), (unit, &hooks), (polls, moment)).await;
        fresh.pool_is_clean().await;
        let kept = is_kept(&fresh, unit).await;
        let hook_ran = hooks.lock().unwrap().contains(&unit);
        assert!(kept || !hook_ran, "a hook ran for what was not kept, after {polls} polls");
        if let Some(done) = done {
            done.unwrap();
            assert!(kept && hook_ran);
            // A server that answers before the test looks leaves little to cut. In that case the test tries once more.
            if cuts > 5 {
                break;
            }
            polls = 1;
        } else {
            (polls, cuts) = (polls + 1, cuts + 1);
        }
    }
}

/// Each way to run a transaction, each moment, one connection and two; a short run leaves out some combinations.
async fn on_each_road<DB: TestDatabase>() {
    let roads = [Road::Transaction, Road::Once, Road::Typed, Road::Session];
    let moments = [Moment::Waiting, Moment::Woken];
    for (number, road) in roads.into_iter().enumerate() {
        for (connections, moment) in
            [1, 2].into_iter().flat_map(|connections| moments.map(|moment| (connections, moment)))
        {
            let turn = usize::from(moment == Moment::Woken) + usize::try_from(connections).unwrap();
            if soak(usize::from(turn % 2 == number % 2), 1) == 1 {
                at_every_poll::<DB>(road, connections, moment).await;
            }
        }
    }
}

/// Each statement is a transaction of its own: acknowledged ones are there, and of the next one all or nothing.
async fn out_of_a_transaction<DB: TestDatabase>() {
    for (connections, moment) in [(1, Moment::Waiting), (2, Moment::Woken)] {
        let fresh = DB::fresh(connections).await;
        fresh.run(DB::TABLE).await;
        for polls in 1.. {
            let acknowledged = AtomicI64::new(0);
            let mut session = fresh.store.session();
            let work = async {
                for id in 1..=3 {
                    insert::<DB>(&mut session, id).await?;
                    acknowledged.store(id, Ordering::SeqCst);
                    let rows = sqlx::query::<DB>("SELECT id FROM t");
                    let rows: Vec<_> = session.sql::<DB>().await?.fetch(rows).try_collect().await?;
                    assert_eq!(i64::try_from(rows.len()).unwrap(), id);
                }
                Ok::<_, Error>(())
            };
            let done = cut(work, polls, moment).await;
            drop(session);
            fresh.pool_is_clean().await;
            let (there, acknowledged) = (fresh.number("SELECT count(*) FROM t").await, acknowledged.into_inner());
            assert!(there == acknowledged || there == acknowledged + 1, "{there} rows, {acknowledged} acknowledged");
            if let Some(done) = done {
                done.unwrap();
                break;
            }
            fresh.run("DELETE FROM t").await;
        }
    }
}

/// Eight at once, each dropped after a random time.
async fn at_random<DB: TestDatabase>() {
    let fresh = DB::fresh(4).await;
    fresh.run(DB::TABLE).await;
    let (hooks, next) = (Hooks::default(), AtomicI64::new(1));
    let since = Instant::now();
    fresh.store.transaction(async |tx| script::<DB>(tx, 0, &hooks).await).await.unwrap();
    let usual = u64::try_from(since.elapsed().as_micros()).unwrap();

    let worker = async || {
        let mut acknowledged = Vec::new();
        for turn in 0..soak(25, 1_500) {
            let unit = 10 * next.fetch_add(1, Ordering::SeqCst);
            // A busy machine may be much slower than before: some have enough time for that.
            let limit = if turn % 8 == 0 { 60_000_000 } else { fastrand::u64(0..usual * 6) };
            let limit = Duration::from_micros(limit);
            let work = fresh.store.transaction(async |tx| script::<DB>(tx, unit, &hooks).await);
            if let Ok(done) = timeout(limit, work).await {
                done.unwrap();
                acknowledged.push(unit);
            }
        }
        acknowledged
    };
    let acknowledged = futures_util::future::join_all((0..8).map(|_| worker())).await.concat();
    fresh.pool_is_clean().await;

    let hooks = hooks.lock().unwrap().clone();
    let mut given_up = 0;
    for unit in (1..next.into_inner()).map(|number| number * 10) {
        let kept = is_kept(&fresh, unit).await;
        let (told, hook_ran) = (acknowledged.contains(&unit), hooks.contains(&unit));
        assert!(kept || !told, "unit {unit} was acknowledged, and is not there");
        assert!(kept || !hook_ran, "unit {unit} is not there, and its hook ran");
        assert!(hook_ran || !told, "unit {unit} was acknowledged, and its hook did not run");
        given_up += u32::from(!told);
    }
    assert!(given_up > 0 && !acknowledged.is_empty(), "{given_up} given up, {} not", acknowledged.len());
}

on_every_database! {
    on_each_road;
    out_of_a_transaction;
    at_random;
}
