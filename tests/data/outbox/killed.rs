//! A server that cuts connections, whatever they are doing.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use buttress::outbox::{Event, Outbox};
use buttress::sql::sql;
use buttress::store::{Error, ErrorKind, Store};

use super::many::verify;
use super::scene::{Inbox, Scene, hurried, in_time};
use crate::support::{TestDatabase, soak};

/// How a server ends all connections to a database except its own.
trait Kills: TestDatabase {
    async fn kill(scene: &Scene<Self>);
}

impl Kills for sqlx::Postgres {
    async fn kill(scene: &Scene<Self>) {
        let sql = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                   WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'";
        scene.fresh.run(sql).await;
    }
}

impl Kills for sqlx::MySql {
    async fn kill(scene: &Scene<Self>) {
        let others = "SELECT id FROM information_schema.processlist WHERE db = database() AND id <> connection_id()";
        let ids: Vec<i64> = sqlx::query_scalar(others).fetch_all(&scene.fresh.witness).await.unwrap();
        for id in ids {
            // The connection may be gone already.
            let kill = sqlx::AssertSqlSafe(format!("KILL {id}"));
            let _ = sqlx::raw_sql(kill).execute(&scene.fresh.witness).await;
        }
    }
}

/// Writes the row and the event `n`, until it is certain that they are there.
async fn write(store: &Store, outbox: &Outbox, n: i64) {
    loop {
        let written: Result<(), Error> = store
            .transaction(async |tx| {
                sql("INSERT INTO t VALUES (?, 0)").bind(n).execute(tx).await?;
                outbox.write(tx, Event::new("row").key(n % 3).payload(n.to_string())).await.map(drop)
            })
            .await;
        match written {
            Ok(()) => return,
            // The row was there, and the commit was cut.
            Err(error) if error.kind() == ErrorKind::UniqueViolation => return,
            Err(_) => tokio::time::sleep(Duration::from_millis(5)).await,
        }
    }
}

async fn nothing_is_lost_with_a_connection<DB: Kills>() {
    let scene = Arc::new(Scene::<DB>::new(4).await);
    let inbox = Inbox::default();
    let mut relays = Vec::new();
    for _ in 0..2 {
        let relay = hurried(Outbox::new().relay(&scene.another().await, inbox.publisher()));
        relays.push(relay.lease(Duration::from_millis(300)).batch(4).spawn());
    }
    let over = Arc::new(AtomicBool::new(false));
    let writer = tokio::spawn({
        let (scene, over) = (Arc::clone(&scene), Arc::clone(&over));
        async move {
            let mut rows = 0;
            while !over.load(Ordering::SeqCst) {
                write(&scene.fresh.store, &scene.outbox, rows).await;
                rows += 1;
            }
            rows
        }
    });
    for _ in 0..soak(10, 500) {
        DB::kill(&scene).await;
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
    over.store(true, Ordering::SeqCst);
    let rows = writer.await.unwrap();
    in_time("all is delivered", async || scene.waiting().await == 0).await;
    for running in relays {
        running.stop(Duration::from_secs(5)).await;
    }
    verify(&(0..rows).map(|n| n.to_string()).collect(), &inbox.all());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_postgres() {
    nothing_is_lost_with_a_connection::<sqlx::Postgres>().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_mariadb() {
    nothing_is_lost_with_a_connection::<sqlx::MySql>().await;
}
