//! The events that a transaction writes into the outbox, and their order.

use std::time::Duration;

use buttress::outbox::{Event, Outbox};
use buttress::store::{Error, ErrorKind, Isolation, Memory, Retry, Store, TransactionOptions};
use sqlx::Executor;
use tokio::sync::oneshot;
use tokio::time::timeout;

use super::scene::{Inbox, Scene, Written, event, text};
use crate::support::{Failure, TestDatabase};

async fn what_is_rolled_back_was_never_written<DB: TestDatabase>() {
    let scene = Scene::<DB>::new(2).await;
    let failed = scene.fresh.store.transaction(async |tx| {
        scene.outbox.write(tx, event("a", "rolled back")).await?;
        Err::<(), _>(Failure::Own)
    });
    assert!(failed.await.is_err());
    let kept: Written = scene
        .fresh
        .store
        .transaction(async |tx| {
            let nested = tx.transaction(async |tx| {
                scene.outbox.write(tx, event("a", "rolled back, too")).await?;
                Err::<(), _>(Failure::Own)
            });
            assert!(nested.await.is_err());
            scene.outbox.write(tx, event("a", "kept")).await.map(drop)
        })
        .await;
    kept.unwrap();

    let inbox = Inbox::default();
    let running = scene.relay(inbox.publisher()).spawn();
    inbox.holds(&["kept"]).await;
    scene.is_empty().await;
    running.stop(Duration::from_secs(5)).await;
    assert_eq!(inbox.all()[0].sequence(), 1, "what was rolled back leaves no gap");
    assert_eq!(inbox.texts(), ["kept"]);
}

async fn out_of_a_transaction_is_an_error<DB: TestDatabase>() {
    let scene = Scene::<DB>::new(2).await;
    let refused = scene.outbox.write(&mut scene.fresh.store.session(), event("a", "alone")).await;
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::Unsupported);
    assert_eq!(scene.waiting().await, 0);
}

async fn everything_about_an_event_arrives<DB: TestDatabase>() {
    let scene = Scene::<DB>::new(2).await;
    let written: Result<_, Error> = scene
        .fresh
        .store
        .transaction(async |tx| {
            let full =
                Event::new("order-placed").key("zoë ").json(&["ü"])?.header("traceparent", "00-a").header("ö", "\"");
            let plain = Event::new("order-viewed").payload([0, 255]);
            Ok((scene.outbox.write(tx, full).await?, scene.outbox.write(tx, plain).await?))
        })
        .await;
    let (full, plain) = written.unwrap();

    let inbox = Inbox::default();
    let running = scene.relay(inbox.publisher()).spawn();
    scene.is_empty().await;
    running.stop(Duration::from_secs(5)).await;
    let all = inbox.all();
    let of = |id| all.iter().find(|delivery| delivery.id() == id).unwrap();
    let (full, plain) = (of(full), of(plain));
    assert_eq!((full.kind(), full.key(), full.sequence(), full.attempt()), ("order-placed", Some("zoë "), 1, 1));
    assert_eq!(full.json::<Vec<String>>().unwrap(), ["ü"]);
    let headers: Vec<_> = full.headers().collect();
    assert_eq!(headers, [("content-type", "application/json"), ("traceparent", "00-a"), ("ö", "\"")]);
    assert_eq!(
        (plain.kind(), plain.key(), plain.sequence(), plain.payload()),
        ("order-viewed", None, 0, &[0, 255][..])
    );
    let age = buttress::Timestamp::now().as_unix_millis() - full.created_at().as_unix_millis();
    assert!((-1_000..60_000).contains(&age), "{age} ms");
}

/// A key is compared by its bytes, not by its letters.
async fn keys_that_look_alike_are_different<DB: TestDatabase>() {
    let scene = Scene::<DB>::new(2).await;
    let keys = ["ann", "Ann", "ann ", "änn"];
    scene.commit(keys.iter().map(|key| event(*key, key))).await;
    let inbox = Inbox::default();
    let running = scene.relay(inbox.publisher()).spawn();
    scene.is_empty().await;
    running.stop(Duration::from_secs(5)).await;
    assert_eq!(inbox.all().iter().map(|delivery| delivery.sequence()).collect::<Vec<_>>(), [1, 1, 1, 1]);
}

async fn who_writes_a_key_keeps_others_waiting_until_the_commit<DB: TestDatabase>() {
    for commits in [true, false] {
        let scene = Scene::<DB>::new(3).await;
        let (go, gone) = oneshot::channel::<()>();
        let (wrote, written) = oneshot::channel::<()>();
        let (store, outbox) = (scene.fresh.store.clone(), scene.outbox.clone());
        let slow = tokio::spawn(async move {
            store
                .transaction_once(async move |tx| {
                    outbox.write(tx, event("a", "slow")).await?;
                    wrote.send(()).unwrap();
                    gone.await.unwrap();
                    if commits { Ok(()) } else { Err(Failure::Own) }
                })
                .await
        });
        written.await.unwrap();
        let mut fast = Box::pin(scene.commit([event("a", "fast")]));
        assert!(timeout(Duration::from_millis(100), &mut fast).await.is_err(), "it took a number that is not its own");
        go.send(()).unwrap();
        fast.await;
        assert_eq!(slow.await.unwrap().is_ok(), commits);

        let inbox = Inbox::default();
        let running = scene.relay(inbox.publisher()).spawn();
        scene.is_empty().await;
        running.stop(Duration::from_secs(5)).await;
        let sequences: Vec<_> = inbox.all().iter().map(|delivery| delivery.sequence()).collect();
        let (texts, counted) = if commits { (vec!["slow", "fast"], vec![1, 2]) } else { (vec!["fast"], vec![1]) };
        assert_eq!((inbox.texts(), sequences), (texts.into_iter().map(String::from).collect(), counted));
    }
}

/// Ids are assigned in one order and committed in another; a look that remembered the highest id would never see the
/// first.
async fn a_slow_transaction_is_not_skipped<DB: TestDatabase>() {
    let scene = Scene::<DB>::new(3).await;
    let inbox = Inbox::default();
    let running = scene.relay(inbox.publisher()).spawn();
    let (go, gone) = oneshot::channel::<()>();
    let (wrote, written) = oneshot::channel::<()>();
    let (store, outbox) = (scene.fresh.store.clone(), scene.outbox.clone());
    let slow = tokio::spawn(async move {
        store
            .transaction_once(async move |tx| {
                outbox.write(tx, event("slow", "early id, late commit")).await?;
                wrote.send(()).unwrap();
                gone.await.unwrap();
                Ok::<_, Error>(())
            })
            .await
    });
    written.await.unwrap();
    scene.commit([event("fast", "late id, early commit")]).await;
    inbox.holds(&["late id, early commit"]).await;
    go.send(()).unwrap();
    slow.await.unwrap().unwrap();
    inbox.holds(&["late id, early commit", "early id, late commit"]).await;
    running.stop(Duration::from_secs(5)).await;
}

async fn order_is_that_of_the_writer_and_not_that_of_ids<DB: TestDatabase>() {
    let scene = Scene::<DB>::new(2).await;
    let texts = ["1", "2", "3", "4"];
    let ids = [4_u128, 2, 3, 1].map(sqlx::types::Uuid::from_u128);
    scene.commit(texts.iter().zip(ids).map(|(text, id)| event("a", text).id(id))).await;
    let inbox = Inbox::default();
    let running = scene.relay(inbox.publisher()).spawn();
    inbox.holds(&texts).await;
    running.stop(Duration::from_secs(5)).await;
}

/// If a transaction sees a snapshot, a number that was taken after the snapshot makes it run again.
async fn every_isolation_gives_the_next_number<DB: TestDatabase>() {
    let scene = Scene::<DB>::new(4).await;
    for isolation in [Isolation::ReadCommitted, Isolation::RepeatableRead, Isolation::Serializable] {
        let store = scene
            .fresh
            .store
            .with_options(TransactionOptions::new().isolation(isolation).retry(Retry::new().attempts(50)));
        let writers = (0..4).map(|_| {
            let (store, outbox) = (store.clone(), scene.outbox.clone());
            tokio::spawn(async move {
                for _ in 0..5 {
                    let written: Written = store
                        .transaction(async |tx| {
                            tx.sql::<DB>().await?.fetch_optional(sqlx::raw_sql("SELECT n FROM t")).await?;
                            outbox.write(tx, event("a", "")).await.map(drop)
                        })
                        .await;
                    written.unwrap();
                }
            })
        });
        for writer in writers.collect::<Vec<_>>() {
            writer.await.unwrap();
        }
    }
    let sequences = "SELECT count(DISTINCT sequence) * 1000 + max(sequence) FROM buttress_outbox";
    assert_eq!(scene.fresh.number(sequences).await, 60_060);
}

/// Two transactions wait for each other only if they take their keys in different orders.
async fn several_keys_at_once_do_not_wait_in_a_circle<DB: TestDatabase>() {
    let scene = Scene::<DB>::new(4).await;
    let keys = ["a", "b", "c", "d"];
    let writers = (0..2).map(|turn| {
        let (store, outbox) =
            (scene.fresh.store.with_options(TransactionOptions::new().retry(Retry::never())), scene.outbox.clone());
        tokio::spawn(async move {
            for _ in 0..30 {
                let mut events = keys.map(|key| event(key, ""));
                if turn == 1 {
                    events.reverse();
                }
                let written: Written = store.transaction(async |tx| outbox.write_all(tx, events.clone()).await).await;
                written.unwrap();
            }
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
    assert_eq!(scene.waiting().await, 240);
}

#[tokio::test]
async fn a_store_without_tables_is_an_error() {
    let store = Store::from(Memory::new(()));
    let refused: Written = store.transaction(async |tx| Outbox::new().write(tx, event("a", "")).await.map(drop)).await;
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::WrongStore);
}

#[tokio::test]
async fn an_outbox_in_memory_keeps_what_was_committed() {
    let (store, outbox) = (Store::from(Memory::new(())), Outbox::in_memory());
    let failed = store.transaction(async |tx| {
        outbox.write(tx, event("a", "rolled back")).await?;
        Err::<(), _>(Failure::Own)
    });
    assert!(failed.await.is_err());
    for events in [[event("b", "b1"), event("a", "a1")], [event("a", "a2"), event(None, "alone")]] {
        store.transaction(async |tx| outbox.write_all(tx, events.clone()).await).await.unwrap();
    }
    let all: Vec<_> = outbox.committed().iter().map(|delivery| (text(delivery), delivery.sequence())).collect();
    assert_eq!(all, [("a1", 1), ("b1", 1), ("alone", 0), ("a2", 2)].map(|(text, n)| (text.to_owned(), n)));
    let refused = outbox.write(&mut store.session(), event("a", "")).await;
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::Unsupported);
}

/// Like instances of a service that start at the same time.
async fn the_tables_are_made_by_several_at_once<DB: TestDatabase>() {
    let fresh = DB::fresh(4).await;
    let makers = (0..4).map(|_| {
        let store = fresh.store.clone();
        tokio::spawn(async move { Outbox::new().migrate(&store).await })
    });
    for maker in makers.collect::<Vec<_>>() {
        maker.await.unwrap().unwrap();
    }
    assert_eq!(fresh.number("SELECT count(*) FROM buttress_outbox").await, 0);
}

on_every_database! {
    what_is_rolled_back_was_never_written;
    out_of_a_transaction_is_an_error;
    everything_about_an_event_arrives;
    keys_that_look_alike_are_different;
    who_writes_a_key_keeps_others_waiting_until_the_commit;
    order_is_that_of_the_writer_and_not_that_of_ids;
    every_isolation_gives_the_next_number;
    several_keys_at_once_do_not_wait_in_a_circle;
    the_tables_are_made_by_several_at_once;
}

/// SQLite has one writer, so no commit can overtake another.
mod a_slow_transaction_is_not_skipped_by {
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn postgres() {
        super::a_slow_transaction_is_not_skipped::<sqlx::Postgres>().await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn mariadb() {
        super::a_slow_transaction_is_not_skipped::<sqlx::MySql>().await;
    }
}
