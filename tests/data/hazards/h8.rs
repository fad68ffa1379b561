//! A commit whose caller leaves, or that is never answered: all of it is kept, or nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use buttress::store::{Error, ErrorKind, Outcome, Resolution, Session, TransactionOptions};
use sqlx::Postgres;

use super::ROADS;
use crate::support::cut::{Moment, cut};
use crate::support::statements::{insert, script};
use crate::support::{TestDatabase, eventually};

/// A trigger that makes the commit of an insert into `t` wait.
const SLOW_COMMIT: &str = "
    CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(0.7); RETURN NULL; END';
    CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON t DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION wait()";

async fn a_commit_that_is_dropped_keeps_all_or_nothing<DB: TestDatabase>() {
    let fresh = DB::fresh(2).await;
    fresh.run(DB::TABLE).await;
    for (road, moment) in ROADS.into_iter().flat_map(|road| [(road, Moment::Waiting), (road, Moment::Woken)]) {
        let committing = AtomicBool::new(false);
        for polls in 1.. {
            committing.store(false, Ordering::SeqCst);
            let work = road.run(&fresh, async |tx: &mut Session| {
                insert::<DB>(tx, 1).await?;
                insert::<DB>(tx, 2).await?;
                committing.store(true, Ordering::SeqCst);
                Ok(())
            });
            let done = cut(work, polls, moment).await;
            fresh.pool_is_clean().await;
            let kept = fresh.number("SELECT count(*) FROM t").await;
            let possible: &[i64] = match (&done, committing.load(Ordering::SeqCst)) {
                (Some(Ok(())), _) => &[2],
                (None, true) => &[0, 2],
                _ => &[0],
            };
            assert!(possible.contains(&kept), "{kept} rows after {polls} polls: {done:?}");
            fresh.run("DELETE FROM t").await;
            if done.is_some() {
                break;
            }
        }
        assert!(committing.into_inner());
    }
}

/// A commit that waits on the server, and completes without the client.
#[tokio::test]
async fn postgres_goes_on_with_a_commit_that_was_dropped() {
    let fresh = Postgres::fresh(1).await;
    fresh.run(Postgres::TABLE).await;
    fresh.run(SLOW_COMMIT).await;
    let (sent, wait) = tokio::sync::oneshot::channel();
    let work = fresh.store.transaction_once(async move |tx| {
        insert::<Postgres>(tx, 1).await?;
        let _ = sent.send(());
        Ok::<_, Error>(())
    });
    tokio::select! {
        done = work => panic!("the commit takes longer: {done:?}"),
        () = async { wait.await.unwrap(); tokio::time::sleep(std::time::Duration::from_millis(100)).await } => {}
    }
    script::<Postgres>(&mut fresh.store.session(), "SELECT 1").await.expect("there is another connection soon");
    eventually("it is committed", async || fresh.number("SELECT count(*) FROM t").await == 1).await;
    fresh.pool_is_clean().await;
}

#[tokio::test]
async fn a_commit_that_is_not_answered_is_unknown_and_can_be_asked_for() {
    let fresh = Postgres::fresh(1).await;
    fresh.run(Postgres::TABLE).await;
    fresh.run(SLOW_COMMIT).await;
    let hook = Arc::new(AtomicBool::new(false));
    let outcome: Outcome<(), Error> = fresh
        .store
        .with_options(TransactionOptions::new().resolvable())
        .try_transaction(async |tx| {
            let hook = Arc::clone(&hook);
            tx.after_commit(async move || {
                hook.store(true, Ordering::SeqCst);
                Ok::<_, Error>(())
            })?;
            insert::<Postgres>(tx, 1).await?;
            // From here on the clock advances as soon as there is nothing else to do.
            tokio::time::pause();
            Ok(())
        })
        .await;
    tokio::time::resume();
    let Outcome::Unknown(error) = outcome else { panic!("nobody answered: {outcome:?}") };
    assert_eq!(error.kind(), ErrorKind::UnknownCommit);
    assert!(!hook.load(Ordering::SeqCst), "who does not know runs no hooks");
    let id = error.transaction_id().expect("it was asked for");
    let told = async || fresh.store.resolve(id).await.is_ok_and(|told| told == Resolution::Committed);
    eventually("the server tells", told).await;
    assert_eq!(fresh.number("SELECT count(*) FROM t").await, 1);
    fresh.pool_is_clean().await;
}

on_every_database! {
    a_commit_that_is_dropped_keeps_all_or_nothing;
}
