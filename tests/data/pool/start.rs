//! Servers that are missing when the program starts, or refuse it.

use std::error::Error as StdError;
use std::time::{Duration, Instant};

use buttress::sql::Connect;
use buttress::store::ErrorKind;
use sqlx::{MySql, Postgres};
use tokio::net::TcpListener;

use super::{LATE, SOON};
use crate::support::{Log, server};

const PATIENT: Duration = Duration::from_secs(30);

#[tokio::test]
async fn nobody_waits_for_ever() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let silent = silent.local_addr().unwrap();
    for scheme in ["postgres", "mysql"] {
        for server in ["127.0.0.1:1".to_owned(), silent.to_string()] {
            let connect = Connect::to(&format!("{scheme}://{server}/shop")).unwrap();
            let begun = Instant::now();
            let error = connect.acquire_timeout(SOON / 3).start_within(SOON * 3).open().await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::ConnectionLost, "{error:?}");
            assert!((SOON..LATE).contains(&begun.elapsed()), "{:?}", begun.elapsed());
            let attempts = error.source().unwrap().to_string();
            assert!(attempts.contains(&server) && !attempts.ends_with("in 1 attempt"), "{attempts}");
            let said = error.to_string();
            assert!(["refused", "did not answer"].iter().any(|why| said.contains(why)), "it says why: {said}");
        }
    }
}

#[tokio::test]
async fn what_waiting_does_not_mend_is_not_waited_for() {
    let (postgres, maria) = (server("BUTTRESS_TEST_POSTGRES"), server("BUTTRESS_TEST_MARIADB"));
    let elsewhere = |url: &str| format!("{}/nowhere", url.rsplit_once('/').unwrap().0);
    let addresses = [
        elsewhere(&postgres),
        elsewhere(&maria),
        postgres.replace("buttress@", "nobody@"),
        maria.replace(":database-password@", ":wrong@"),
    ];
    for address in addresses {
        let begun = Instant::now();
        let error = Connect::to(&address).unwrap().start_within(PATIENT).open().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration, "{error:?}");
        assert!(begun.elapsed() < LATE, "{:?}", begun.elapsed());
    }
}

/// The one line that a program prints is sufficient.
#[tokio::test]
async fn the_first_line_of_an_error_names_the_cause() {
    let dir = tempfile::tempdir().unwrap();
    let missing = dir.path().join("shop.db");
    let address = server("BUTTRESS_TEST_POSTGRES").replace("buttress@", "nobody@");
    let socket = dir.path().join("none").display().to_string().replace('/', "%2F");
    for (address, words) in [
        (address, &["127.0.0.1:", "28000"][..]),
        (format!("sqlite:{}?mode=rw", missing.display()), &[missing.to_str().unwrap(), "unable to open"]),
        (format!("postgres://{socket}/shop"), &[dir.path().to_str().unwrap(), "No such file"]),
    ] {
        let connect = Connect::to(&address).unwrap().start_within(SOON);
        let said = connect.open().await.unwrap_err().to_string();
        assert!(words.iter().all(|word| said.contains(word)), "{address}: {said}");
    }
}

#[tokio::test]
async fn who_is_lazy_connects_at_the_first_use() {
    let nowhere = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    for scheme in ["postgres", "mysql"] {
        let connect = Connect::to(&format!("{scheme}://{nowhere}/shop")).unwrap().lazy().acquire_timeout(SOON);
        let store = connect.open().await.unwrap();
        assert_eq!(store.pool_stats().size, 0);
        let kind = store.check(SOON * 3).await.unwrap_err().kind();
        assert!(matches!(kind, ErrorKind::ConnectionLost | ErrorKind::PoolExhausted), "{kind:?}");
    }
    let store = Connect::to(&server("BUTTRESS_TEST_POSTGRES")).unwrap().lazy().open().await.unwrap();
    assert_eq!(store.pool_stats().size, 0);
    store.check(Duration::from_secs(5)).await.unwrap();
    assert_eq!(store.pool_stats().size, 1);
}

#[tokio::test]
async fn an_address_of_another_database_is_refused() {
    let address = server("BUTTRESS_TEST_POSTGRES");
    let connect = Connect::to(&address).unwrap();
    assert_eq!(connect.open_as::<MySql>().await.unwrap_err().kind(), ErrorKind::Configuration);
    assert!(connect.open_as::<Postgres>().await.is_ok());
    for scheme in ["postgresql", "POSTGRES"] {
        let same = address.replacen("postgres", scheme, 1);
        Connect::to(&same).unwrap().open().await.unwrap();
    }
    let maria = server("BUTTRESS_TEST_MARIADB").replacen("mysql", "mariadb", 1);
    Connect::to(&maria).unwrap().open_as::<MySql>().await.unwrap();
}

/// Ignored, a typo in what is asked of TLS would be a plain session.
#[tokio::test]
async fn a_parameter_that_nobody_knows_is_refused_by_its_name() {
    let (postgres, maria) = (server("BUTTRESS_TEST_POSTGRES"), server("BUTTRESS_TEST_MARIADB"));
    for (address, name) in [
        (format!("{postgres}?sslmod=require"), "sslmod"),
        (format!("{postgres}?sslmode=disable&pasword=hunter"), "pasword"),
        (format!("{maria}?ssl_mode=required"), "ssl_mode"),
        ("sqlite::memory:?mod=memory".to_owned(), "mod"),
        ("sqlite:shop.db?mode=rw&foreign_keys=true".to_owned(), "foreign_keys"),
    ] {
        let error = match Connect::to(&address) {
            Ok(connect) => connect.open().await.unwrap_err(),
            Err(error) => error,
        };
        assert_eq!(error.kind(), ErrorKind::Configuration, "{address}");
        let said = error.to_string();
        assert!(said.contains(&format!("its parameter {name}")) && !said.contains("hunter"), "{said}");
    }
    // A parameter that is not a name is not repeated.
    let error = Connect::to("postgres://127.0.0.1/shop?hunter2").unwrap_err();
    assert!(!format!("{error} {error:?}").contains("hunter2"), "{error}");
}

#[tokio::test]
async fn who_waits_for_a_database_says_why_and_for_how_long() {
    let log = Log::of(tracing::Level::WARN);
    let connect = Connect::to("postgres://127.0.0.1:1/shop").unwrap();
    let error = connect.start_within(SOON * 4).open().await.unwrap_err();
    let attempts = error.source().unwrap().to_string();
    let lines = log.lines("the database is not there yet");
    let first = &lines[0];
    for word in ["WARN", "127.0.0.1:1", "Connection refused", "left_ms=", "attempts=1 "] {
        assert!(first.contains(word), "{word}: {first}");
    }
    assert!(!lines.iter().any(|line| line.contains("attempts=3 ")), "{attempts}: {lines:?}");
}
