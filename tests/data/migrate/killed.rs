//! Migrations on MariaDB, which commits each statement that changes tables, cut off at each message.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use buttress::outbox::Outbox;
use buttress::sql::{Connect, Migrations};
use buttress::store::{Error, ErrorKind, Store};
use sqlx::MySql;
use sqlx::migrate::Migrator;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::set;
use crate::pool::address;
use crate::support::{Fresh, TestDatabase};

/// The moment at which a connection is cut: before a message reaches the server, or before its answer reaches the
/// client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cut {
    Before,
    After,
}

/// Starts a proxy that cuts the connection at one of the client's messages; returns the database's address through it.
async fn cut_way(url: &str, messages: usize, cut: Cut) -> String {
    let (_, rest) = url.split_once('@').unwrap();
    let (server, _) = rest.split_once('/').unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let way = url.replace(server, &listener.local_addr().unwrap().to_string());
    let (server, sent) = (server.to_owned(), Arc::new(AtomicUsize::new(0)));
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            tokio::spawn(forward(client, server.clone(), Arc::clone(&sent), messages, cut));
        }
    });
    way
}

async fn forward(mut client: TcpStream, server: String, sent: Arc<AtomicUsize>, messages: usize, cut: Cut) {
    let mut server = TcpStream::connect(server).await.unwrap();
    let (mut up, mut down) = ([0; 8192], [0; 8192]);
    loop {
        tokio::select! {
            read = client.read(&mut up) => {
                let Ok(length @ 1..) = read else { return };
                let count = sent.fetch_add(1, Ordering::SeqCst) + 1;
                if count > messages || count == messages && cut == Cut::Before {
                    return;
                }
                server.write_all(&up[..length]).await.unwrap();
                if count == messages {
                    // The answer shows that it was done.
                    let _ = server.read(&mut down).await;
                    return;
                }
            }
            read = server.read(&mut down) => {
                let Ok(length @ 1..) = read else { return };
                if client.write_all(&down[..length]).await.is_err() {
                    return;
                }
            }
        }
    }
}

/// Runs the work through proxies that cut later and later, on a separate database each, until one does not cut at all.
/// Then `again` examines the remains.
async fn cut_everywhere(
    work: impl AsyncFn(&Store) -> Result<(), Error>,
    again: impl AsyncFn(&Store, &Fresh<MySql>, &str),
) {
    for cut in [Cut::Before, Cut::After] {
        for messages in 1.. {
            let fresh = MySql::fresh(1).await;
            let way = cut_way(&address(&fresh), messages, cut).await;
            let connect = Connect::to(&way).unwrap().lazy().acquire_timeout(Duration::from_secs(2));
            let done = work(&connect.open().await.unwrap()).await;
            again(&fresh.store, &fresh, &format!("cut {cut:?} message {messages}")).await;
            if done.is_ok() {
                assert!(messages > 10, "it was cut somewhere");
                break;
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_own_set_is_mended_by_the_next_start() {
    let migrate = async |store: &Store| Outbox::new().migrate(store).await;
    cut_everywhere(migrate, async |store, fresh, when| {
        migrate(store).await.unwrap_or_else(|error| panic!("{when}: {error:?}"));
        assert_eq!(fresh.number("SELECT count(*) FROM buttress_outbox").await, 0, "{when}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_repeatable_set_is_mended_by_the_next_start() {
    static SHOP: Migrator = sqlx::migrate!("examples/shop/migrations/mysql");
    let migrate = async |store: &Store| Migrations::new().mysql(&SHOP).repeatable().run(store).await;
    cut_everywhere(migrate, async |store, fresh, when| {
        migrate(store).await.unwrap_or_else(|error| panic!("{when}: {error:?}"));
        assert_eq!(fresh.number("SELECT count(*) FROM order_lines").await, 0, "{when}");
        assert_eq!(fresh.number("SELECT sum(success) FROM _sqlx_migrations").await, 1, "{when}");
    })
    .await;
}

/// A set that must not run twice: finished statements are never repeated, and the operator learns where the set
/// stopped.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_set_says_where_it_stands() {
    let set = set(&["CREATE TABLE a (n BIGINT); CREATE TABLE b (n BIGINT); CREATE TABLE c (n BIGINT)"]);
    let migrate = async |store: &Store| Migrations::new().mysql(set).run(store).await;
    cut_everywhere(migrate, async |store, fresh, when| {
        let tables = "SELECT count(*) FROM information_schema.tables WHERE table_schema = database()
                      AND table_name IN ('a', 'b', 'c')";
        let Err(error) = migrate(store).await else {
            return assert_eq!(fresh.number(tables).await, 3, "{when}");
        };
        assert_eq!(error.kind(), ErrorKind::Configuration, "{when}");
        let said = error.to_string();
        let there = fresh.number(tables).await;
        let names =
            [(1, "statement 1 of 3, CREATE a"), (2, "statement 2 of 3, CREATE b"), (3, "statement 3 of 3, CREATE c")];
        // The statement at which it stopped was done, or was not.
        let (at, _) =
            names.into_iter().find(|(_, name)| said.contains(name)).unwrap_or_else(|| panic!("{when}: {said}"));
        assert!(there == at || there == at - 1, "{when}: {there} tables, and {said}");
        assert!(said.contains("migration 1") && said.contains("_sqlx_migrations"), "{when}: {said}");
    })
    .await;
}
