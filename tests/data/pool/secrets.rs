//! Only the host of an address is ever shown: no other part appears in `Debug`, in an error or in a log.

use std::error::Error as StdError;
use std::time::Duration;

use buttress::sql::{Connect, DriverError};
use buttress::store::{Error, ErrorKind};

use crate::capture::Capture;
use crate::support::server;

/// The parts of the passwords in this file, and of the users.
const PASSWORDS: [&str; 3] = ["hunter", "unter", "h%75"];
const USER: &str = "anna";

/// Fails if an error, or any of its sources, shows a part of the address.
fn assert_error_hides(error: &Error, address: &str) {
    assert_hidden(&format!("{error} {error:?} {error:#?}"), address);
    let mut source = error.source();
    while let Some(cause) = source {
        assert_hidden(&format!("{cause} {cause:?}"), address);
        // The driver's own error, for a program that asks for it, names users as the server does.
        if let Some(driver) = cause.downcast_ref::<DriverError>() {
            let text = format!("{} {:?}", driver.driver(), driver.driver());
            assert!(PASSWORDS.iter().all(|password| !text.contains(password)), "{address}: {text}");
        }
        source = cause.source();
    }
}

fn assert_hidden(text: &str, what: &str) {
    for secret in PASSWORDS.into_iter().chain([USER]) {
        assert!(!text.contains(secret), "{what} shows {secret}: {text}");
    }
}

/// Opens the store of an address; returns its error.
async fn open(address: &str) -> Result<(), Error> {
    let connect = Connect::to(address)?;
    assert_hidden(&format!("{connect:?} {connect:#?}"), address);
    let store = connect.start_within(Duration::from_millis(50)).open().await?;
    assert_hidden(&format!("{store:?}"), address);
    Ok(())
}

#[tokio::test]
async fn of_an_address_that_cannot_be_read() {
    let log = Capture::new();
    let addresses = [
        "postgres://anna:hunter2@127.0.0.1:99999/shop",
        "postgres://anna:hunter2@127.0.0.1:port/shop",
        "postgres://anna:hun/ter2@127.0.0.1/shop",
        "postgres://anna:1#hunter2@127.0.0.1/shop",
        "postgres://anna:1/hunter2@127.0.0.1/shop",
        "postgres://anna:1?hunter2@127.0.0.1/shop",
        "postgres://127.0.0.1/shop?sslmode=hunter2",
        "postgres://127.0.0.1/shop?statement-cache-capacity=hunter2",
        "postgres://anna:%ffhunter2@127.0.0.1/shop",
        "mysql://anna:hunter2@127.0.0.1:99999/shop",
        "mysql://anna:1/hunter2@127.0.0.1/shop",
        "mariadb://127.0.0.1/shop?ssl-mode=hunter2",
        "sqlite:shop.db?mode=hunter2",
        "sqlite:shop.db?key=hunter2",
        "oracle://anna:hunter2@127.0.0.1/shop",
        "anna:hunter2@127.0.0.1/shop",
        "hunter2",
        "postgres://anna:hunter2@",
        "postgres://anna:hunter2@[::1/shop",
        "",
    ];
    for address in addresses {
        let error = open(address).await.expect_err(address);
        assert_eq!(error.kind(), ErrorKind::Configuration, "{address}");
        assert_error_hides(&error, address);
    }
    assert_hidden(&log.text(), "the log");
}

#[tokio::test]
async fn of_a_server_that_cannot_be_used() {
    let log = Capture::new();
    let maria = server("BUTTRESS_TEST_MARIADB");
    let (_, maria) = maria.split_once('@').unwrap();
    let postgres = server("BUTTRESS_TEST_POSTGRES");
    let (_, postgres) = postgres.split_once('@').unwrap();
    let (postgres, _) = postgres.split_once('/').unwrap();
    let addresses = [
        // No server listens there.
        "postgres://anna:hunter2@127.0.0.1:1/shop",
        "mysql://anna:h%75nter2@127.0.0.1:1/shop",
        "postgres://anna:hunter@2@127.0.0.1:1/shop",
        // Servers that refuse.
        &format!("mysql://anna:hunter2@{maria}"),
        &format!("mysql://buttress:h%75nter2@{maria}"),
        &format!("mysql://buttress:hunter%402@{maria}"),
        &format!("postgres://anna:hunter2@{postgres}/shop"),
        &format!("postgres://buttress:hunter2@{postgres}/nowhere"),
    ];
    for address in addresses {
        let error = open(address).await.expect_err(address);
        assert_error_hides(&error, address);
        let shown = format!("{error:?}");
        assert!(shown.contains("127.0.0.1:"), "an operator has to know which server it was: {shown}");
    }
    assert_hidden(&log.text(), "the log");
}
