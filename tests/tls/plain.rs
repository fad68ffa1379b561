//! A build without TLS: what it cannot do fails at once and names the feature, and what it does in the open is said.
//! `scripts/test` builds it by itself.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::time::Duration;

use buttress::sql::Connect;
use buttress::store::ErrorKind;
use tokio::task::block_in_place;

use crate::capture::Capture;
use crate::support::server::{PrivateServer, ServerKind};
use crate::support::{chain, server};

const PATIENT: Duration = Duration::from_secs(30);

const NAMED: &str = "turn on the feature `tls-rustls` or `tls-native-tls` of buttress";

async fn is_refused_at_once(url: &str) {
    let error = Connect::to(url).unwrap().start_within(PATIENT).open().await.expect_err(url);
    let said = chain(&error);
    assert_eq!(error.kind(), ErrorKind::Configuration, "{url}: {said}");
    assert!(said.contains("in 1 attempt:") && said.contains(NAMED), "{url}: {said}");
}

#[tokio::test]
async fn an_address_that_asks_for_tls_is_refused_at_once() {
    for (variable, modes) in [
        ("BUTTRESS_TEST_POSTGRES", ["sslmode=require", "sslmode=verify-ca", "sslmode=verify-full"]),
        ("BUTTRESS_TEST_MARIADB", ["ssl-mode=REQUIRED", "ssl-mode=VERIFY_CA", "ssl-mode=VERIFY_IDENTITY"]),
    ] {
        for mode in modes {
            is_refused_at_once(&format!("{}?{mode}", server(variable))).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_takes_no_plain_sessions_is_not_waited_for() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::set_permissions(dir.path(), Permissions::from_mode(0o755)).unwrap();
    let hba = dir.path().join("hba");
    std::fs::write(&hba, "hostssl all all 127.0.0.1/32 trust\n").unwrap();
    let hba = format!("--hba_file={}", hba.display());
    let server = block_in_place(|| PrivateServer::start_with(ServerKind::Postgres, &[&hba]));
    is_refused_at_once(server.url()).await;
}

#[tokio::test]
async fn a_plain_session_with_another_machine_is_said_with_the_feature() {
    for variable in ["BUTTRESS_TEST_POSTGRES", "BUTTRESS_TEST_MARIADB"] {
        let log = Capture::new();
        // No address of this machine, and it leads here.
        let far = server(variable).replace("127.0.0.1", "0.0.0.0");
        Connect::to(&far).unwrap().open().await.unwrap();
        assert_eq!(log.text().matches("are not encrypted").count(), 1, "{}", log.text());
        assert!(log.text().contains(NAMED), "{}", log.text());
    }
}
