//! Tables that are missing, or of an earlier version.

use std::time::Duration;

use buttress::outbox::{MYSQL, Outbox, POSTGRES, SQLITE};
use buttress::store::Store;

use super::scene::{Inbox, Scene, another, event, hurried, in_time};
use crate::support::{Log, TestDatabase, chain};

async fn who_forgot_the_migration_is_told<DB: TestDatabase>() {
    let fresh = DB::fresh(2).await;
    let outbox = Outbox::new();
    let written = fresh.store.transaction(async |tx| outbox.write(tx, event("a", "1")).await).await;
    let on = &mut fresh.store.session();
    let errors = [
        written.unwrap_err(),
        outbox.lag(on).await.unwrap_err(),
        outbox.backlog(on).await.unwrap_err(),
        outbox.dead_letters(on, 1).await.unwrap_err(),
    ];
    for error in &errors {
        assert!(chain(error).contains("Outbox::migrate"), "{}", chain(error));
    }
}

/// The message appears once, and not at each look.
async fn a_relay_without_tables_says_so_once<DB: TestDatabase>() {
    // Other tests of this process capture the log of the whole process: their subscriber comes first.
    crate::capture::watch();
    // Without spans: SQLite's thread, which has another subscriber, would enter and leave them.
    let log = Log::of(tracing::Level::WARN);
    let fresh = DB::fresh(2).await;
    let (outbox, inbox, store) = (Outbox::new(), Inbox::default(), another(&fresh).await);
    let relay = hurried(outbox.relay(&store, inbox.publisher())).spawn();
    in_time("it has tried often", async || store.pool_stats().acquired >= 5).await;
    outbox.migrate(&fresh.store).await.unwrap();
    let written = fresh.store.transaction(async |tx| outbox.write(tx, event("a", "1")).await);
    written.await.unwrap();
    inbox.holds(&["1"]).await;
    relay.stop(Duration::from_secs(5)).await;
    let lines = log.lines("the outbox relay failed; it will try again");
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(lines[0].contains("Outbox::migrate"), "{lines:?}");
}

/// A query for the index of the second version, by its name.
fn index<DB: TestDatabase>() -> &'static str {
    match DB::NAME {
        "PostgreSQL" => "SELECT count(*) FROM pg_indexes WHERE indexname = 'buttress_outbox_due'",
        "MySQL" => {
            "SELECT count(*) FROM information_schema.statistics WHERE table_schema = database()
             AND index_name = 'buttress_outbox_due' AND seq_in_index = 1"
        }
        _ => "SELECT count(*) FROM sqlite_schema WHERE name = 'buttress_outbox_due'",
    }
}

async fn tables_of_the_first_version_are_brought_up_to_date<DB: TestDatabase>() {
    let scene = Scene::<DB>::new(2).await;
    scene.commit([event("a", "1")]).await;
    let table = if DB::NAME == "MySQL" { " ON buttress_outbox" } else { "" };
    scene.fresh.run(&format!("DROP INDEX buttress_outbox_due{table}")).await;
    scene.fresh.run("DELETE FROM _buttress_outbox_migrations WHERE version = 2").await;
    let inbox = Inbox::default();
    let relay = scene.relay(inbox.publisher()).spawn();
    inbox.holds(&["1"]).await;
    assert_eq!(scene.fresh.number(index::<DB>()).await, 0, "without the index it is slow, and works");
    let stores: [&Store; 2] = [&scene.fresh.store, &scene.another().await];
    for store in stores {
        scene.outbox.migrate(store).await.unwrap();
    }
    assert_eq!(scene.fresh.number(index::<DB>()).await, 1);
    scene.commit([event("a", "2")]).await;
    inbox.holds(&["1", "2"]).await;
    relay.stop(Duration::from_secs(5)).await;
}

/// During a rollout, instances of the previous release are still started.
async fn an_older_release_starts_beside_a_newer_one<DB: TestDatabase>() {
    let scene = Scene::<DB>::new(2).await;
    let newer = "INSERT INTO _buttress_outbox_migrations
        (version, description, installed_on, success, checksum, execution_time)
        SELECT 1000, description, installed_on, success, checksum, execution_time
        FROM _buttress_outbox_migrations WHERE version = 1";
    scene.fresh.run(newer).await;
    assert_eq!(scene.fresh.number("SELECT max(version) FROM _buttress_outbox_migrations").await, 1000);
    scene.outbox.migrate(&scene.fresh.store).await.unwrap();
}

/// A service may create the tables by itself, and repeatedly.
async fn the_words_can_be_run_again<DB: TestDatabase>() {
    let fresh = DB::fresh(2).await;
    let words = match DB::NAME {
        "PostgreSQL" => POSTGRES,
        "MySQL" => MYSQL,
        _ => SQLITE,
    };
    fresh.run(words).await;
    let (outbox, inbox) = (Outbox::new(), Inbox::default());
    fresh.store.transaction(async |tx| outbox.write(tx, event("a", "1")).await).await.unwrap();
    fresh.run(words).await;
    outbox.migrate(&fresh.store).await.unwrap();
    assert_eq!(fresh.number(index::<DB>()).await, 1);
    let relay = hurried(outbox.relay(&fresh.store, inbox.publisher())).spawn();
    inbox.holds(&["1"]).await;
    relay.stop(Duration::from_secs(5)).await;
}

/// On the current thread, whose log is read.
mod a_relay_without_tables_says_so_once {
    #[tokio::test]
    async fn postgres() {
        super::a_relay_without_tables_says_so_once::<sqlx::Postgres>().await;
    }

    #[tokio::test]
    async fn mariadb() {
        super::a_relay_without_tables_says_so_once::<sqlx::MySql>().await;
    }

    #[tokio::test]
    async fn sqlite() {
        super::a_relay_without_tables_says_so_once::<sqlx::Sqlite>().await;
    }
}

on_every_database! {
    who_forgot_the_migration_is_told;
    tables_of_the_first_version_are_brought_up_to_date;
    an_older_release_starts_beside_a_newer_one;
    the_words_can_be_run_again;
}
