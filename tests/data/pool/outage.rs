//! Servers that start late, hang, end and come back. Each test has one server of its own, because creating one takes
//! seconds.

use std::time::{Duration, Instant};

use buttress::sql::{Connect, Connects};
use buttress::store::{ErrorKind, Store};
use sqlx::{MySql, PgPool, Postgres};
use tokio::net::TcpListener;
use tokio::task::block_in_place;

use super::{LATE, SOON};
use crate::support::eventually;
use crate::support::server::{PrivateServer, ServerKind};

const PATIENT: Duration = Duration::from_secs(30);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_comes_and_goes() {
    let server = block_in_place(|| PrivateServer::start(ServerKind::Postgres));
    a_wrong_password_ends_it_at_once(&server).await;
    comes_and_goes::<Postgres>(&server).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mariadb_comes_and_goes() {
    let server = block_in_place(|| PrivateServer::start(ServerKind::MariaDb));
    comes_and_goes::<MySql>(&server).await;
}

async fn comes_and_goes<DB: Connects>(server: &PrivateServer) {
    block_in_place(|| server.kill());
    who_starts_before_the_server_waits(server).await;
    who_checks_a_server_that_hangs_is_told::<DB>(server).await;
    a_pool_finds_its_server_again(server).await;
}

fn port(url: &str) -> u16 {
    let (_, address) = url.split_once('@').unwrap();
    address.split([':', '/']).nth(1).unwrap().parse().unwrap()
}

async fn who_starts_before_the_server_waits(server: &PrivateServer) {
    // A listener takes the server's place, and so sees that the pool tries again.
    let listener = TcpListener::bind(("127.0.0.1", port(server.url()))).await.unwrap();
    let connect = Connect::to(server.url()).unwrap().start_within(PATIENT);
    let opening = tokio::spawn(async move { connect.open().await });
    for _ in 0..3 {
        drop(listener.accept().await.unwrap());
    }
    drop(listener);
    assert!(!opening.is_finished());
    block_in_place(|| server.start_again());
    let store = opening.await.unwrap().unwrap();
    store.check(Duration::from_secs(5)).await.unwrap();
}

async fn who_checks_a_server_that_hangs_is_told<DB: Connects>(server: &PrivateServer) {
    const CONNECTIONS: u32 = 2;
    let connect = Connect::to(server.url()).unwrap().max_connections(CONNECTIONS);
    let sql = connect.open_as::<DB>().await.unwrap();
    let store = Store::from(sql.clone());
    store.check(Duration::from_secs(5)).await.unwrap();

    block_in_place(|| server.pause());
    for _ in 0..=CONNECTIONS {
        let checked = Instant::now();
        assert_eq!(store.check(SOON).await.unwrap_err().kind(), ErrorKind::DeadlineExceeded);
        assert!(checked.elapsed() < LATE, "{:?}", checked.elapsed());
    }
    block_in_place(|| server.resume());
    eventually("it answers again", async || store.check(SOON).await.is_ok()).await;
    let mut all = Vec::new();
    for _ in 0..CONNECTIONS {
        all.push(sql.pool().acquire().await.expect("checks that were given up keep no connection"));
    }
}

async fn a_pool_finds_its_server_again(server: &PrivateServer) {
    let connect = Connect::to(server.url()).unwrap().ping_after(Duration::ZERO);
    let store = connect.open().await.unwrap();
    block_in_place(|| server.kill());
    assert!(store.check(SOON).await.is_err());
    block_in_place(|| server.start_again());
    store.check(Duration::from_secs(5)).await.expect("what broke is not handed out");

    block_in_place(|| server.stop());
    assert!(store.check(SOON).await.is_err());
    assert_eq!(block_in_place(|| server.start_again()), server.url());
    store.check(Duration::from_secs(5)).await.expect("what broke is not handed out");
}

async fn a_wrong_password_ends_it_at_once(server: &PrivateServer) {
    let admin = PgPool::connect(server.url()).await.unwrap();
    // From now on this server requires passwords.
    sqlx::raw_sql(
        "CREATE ROLE ann LOGIN PASSWORD 'right';
         CREATE TABLE hba (line text);
         INSERT INTO hba VALUES ('host all ann 127.0.0.1/32 scram-sha-256'), ('host all all 127.0.0.1/32 trust');
         DO $$ BEGIN EXECUTE format('COPY hba TO %L', current_setting('hba_file')); END $$;
         SELECT pg_reload_conf()",
    )
    .execute(&admin)
    .await
    .unwrap();
    let of = |password: &str| server.url().replace("buttress@", &format!("ann:{password}@"));
    eventually("it asks for passwords", async || PgPool::connect(&of("wrong")).await.is_err()).await;
    Connect::to(&of("right")).unwrap().open().await.unwrap();
    let begun = Instant::now();
    let error = Connect::to(&of("wrong")).unwrap().start_within(PATIENT).open().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration, "{error:?}");
    assert!(begun.elapsed() < LATE, "{:?}", begun.elapsed());
    assert!(!format!("{error:?}").contains("wrong"));
}
