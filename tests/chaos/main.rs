//! The reported outcome of a transaction is true: commits are cut, servers are killed and frozen, transactions collide,
//! and each report is compared with the tables.
//!
//! `scripts/with-servers cargo test --test chaos --features mysql,postgres,sqlite` starts the servers that these tests
//! need; some tests start one of their own. `BUTTRESS_SOAK=1` makes the numbers large, and `--nocapture` shows how often
//! each outcome was seen.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

#[macro_use]
#[path = "../data/support/mod.rs"]
#[allow(dead_code, unused_imports, reason = "it is shared, and not all of it is used by all")]
mod support;

/// Turns `async fn name<DB: ServerDatabase>()` into one test for each database that is reached over a socket.
macro_rules! on_every_server {
    ($($name:ident;)*) => {$(
        mod $name {
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                super::$name::<sqlx::Postgres>().await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn mariadb() {
                super::$name::<sqlx::MySql>().await;
            }
        }
    )*};
}

mod anomalies;
mod arena;
mod crash;
mod cuts;
mod hung;
mod ledger;
mod load;
mod messages;
mod money;
mod proxy;
mod resolve;
mod rolling;
mod stuck;
