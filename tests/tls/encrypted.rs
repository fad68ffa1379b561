//! Encrypted sessions, with certificates that these tests create.

use std::fs::Permissions;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use buttress::sql::{Connect, sql};
use buttress::store::{Error, ErrorKind, Store};
use tempfile::TempDir;
use tokio::task::block_in_place;

use crate::capture::Capture;
use crate::support::server::{PrivateServer, ServerKind};
use crate::support::{chain, server};

const NOBODY: u32 = 65534;

const PATIENT: Duration = Duration::from_secs(30);

/// An authority `ca.pem`, another one `other.pem`, and the certificate `server.pem` of `localhost`.
fn certificates() -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    for name in ["ca", "other"] {
        let rules = ["-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign"];
        certificate(dir.path(), name, &rules);
    }
    std::fs::set_permissions(dir.path(), Permissions::from_mode(0o755)).unwrap();
    let rules = ["-CA", "ca.pem", "-CAkey", "ca.key", "-addext", "basicConstraints=critical,CA:FALSE"];
    certificate(dir.path(), "server", &[&rules[..], &["-addext", "subjectAltName=DNS:localhost"]].concat());
    // If root starts the servers, they run as `nobody`, and only the owner may read a key.
    let key = dir.path().join("server.key");
    if key.metadata().unwrap().uid() == 0 {
        chown(&key, Some(NOBODY), None).unwrap();
    }
    dir
}

fn certificate(dir: &Path, name: &str, rules: &[&str]) {
    let made = Command::new("openssl")
        .current_dir(dir)
        .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"])
        .args(["-subj", &format!("/CN={name}"), "-keyout", &format!("{name}.key"), "-out", &format!("{name}.pem")])
        .args(rules)
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
}

fn path(dir: &TempDir, name: &str) -> String {
    dir.path().join(name).display().to_string()
}

/// The names of a database for the tested TLS settings.
struct Words {
    require: &'static str,
    verify_ca: &'static str,
    verify_full: &'static str,
    disable: &'static str,
    /// The error for a plain session; MariaDB gives no more detail than that.
    refusal: &'static str,
    ca: &'static str,
    encrypted: &'static str,
}

const POSTGRES: Words = Words {
    require: "sslmode=require",
    verify_ca: "sslmode=verify-ca",
    verify_full: "sslmode=verify-full",
    disable: "sslmode=disable",
    refusal: "ask for TLS with sslmode=require",
    ca: "sslrootcert",
    encrypted: "SELECT CAST(ssl AS INT) FROM pg_stat_ssl WHERE pid = pg_backend_pid()",
};

const MARIADB: Words = Words {
    require: "ssl-mode=REQUIRED",
    verify_ca: "ssl-mode=VERIFY_CA",
    verify_full: "ssl-mode=VERIFY_IDENTITY",
    disable: "ssl-mode=DISABLED",
    refusal: "Access denied",
    ca: "ssl-ca",
    encrypted: "SELECT CAST(variable_value <> '' AS SIGNED INT) FROM information_schema.session_status
                WHERE variable_name = 'Ssl_cipher'",
};

async fn open(url: &str) -> Result<Store, Error> {
    Connect::to(url).unwrap().start_within(PATIENT).open().await
}

/// Asserts that opening fails at once; returns the text of the error.
async fn refused(url: &str) -> String {
    let error = open(url).await.expect_err(url);
    assert_eq!(error.kind(), ErrorKind::Configuration, "{url}: {error:?}");
    let said = chain(&error);
    assert!(said.contains("in 1 attempt:"), "{url} is not waited for: {said}");
    assert!(!said.contains("hunter2"), "{said}");
    said
}

async fn is_encrypted(url: &str, words: &Words) -> bool {
    let store = open(url).await.unwrap_or_else(|error| panic!("{url}: {}", chain(&error)));
    let row = sql(words.encrypted).fetch_one(&mut store.session()).await.unwrap();
    row.get::<i64>(0).unwrap() == 1
}

async fn tls_is_as_the_address_says(server: &PrivateServer, certificates: &TempDir, words: &Words) {
    let ca = |name: &str| format!("{}={}", words.ca, path(certificates, name).replace('/', "%2F"));
    let by_address = server.url();
    let by_name = by_address.replace("127.0.0.1", "localhost");
    let url = |base: &str, parameters: &[&str]| format!("{base}?{}", parameters.join("&"));

    assert!(is_encrypted(by_address, words).await, "where the server can, nobody has to ask");
    assert!(is_encrypted(&url(by_address, &[words.require]), words).await);
    assert!(is_encrypted(&url(by_address, &[words.verify_ca, &ca("ca.pem")]), words).await);
    assert!(is_encrypted(&url(&by_name, &[words.verify_full, &ca("ca.pem")]), words).await);

    for (url, why) in [
        (url(by_address, &[words.verify_ca, &ca("other.pem")]), "certificate"),
        (url(by_address, &[words.verify_ca]), "certificate"),
        (url(&by_name, &[words.verify_full, &ca("other.pem")]), "certificate"),
        (url(by_address, &[words.verify_full, &ca("ca.pem")]), "certificate"),
        (url(by_address, &[words.verify_ca, &ca("nowhere.pem")]), "that the address names cannot be read"),
        (url(by_address, &[words.disable]), words.refusal),
    ] {
        let said = refused(&url).await;
        assert!(said.contains(why), "{url}: {said}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_is_reached_over_tls() {
    let certificates = certificates();
    std::fs::write(certificates.path().join("hba"), "hostssl all all 127.0.0.1/32 trust\n").unwrap();
    let options = [
        "--ssl=on".to_owned(),
        format!("--ssl_cert_file={}", path(&certificates, "server.pem")),
        format!("--ssl_key_file={}", path(&certificates, "server.key")),
        format!("--hba_file={}", path(&certificates, "hba")),
    ];
    let server = private(ServerKind::Postgres, &options);
    tls_is_as_the_address_says(&server, &certificates, &POSTGRES).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mariadb_is_reached_over_tls() {
    let certificates = certificates();
    let options = [
        format!("--ssl-cert={}", path(&certificates, "server.pem")),
        format!("--ssl-key={}", path(&certificates, "server.key")),
        "--require-secure-transport=ON".to_owned(),
    ];
    let server = private(ServerKind::MariaDb, &options);
    tls_is_as_the_address_says(&server, &certificates, &MARIADB).await;
}

fn private(kind: ServerKind, options: &[String]) -> PrivateServer {
    let options: Vec<_> = options.iter().map(String::as_str).collect();
    block_in_place(|| PrivateServer::start_with(kind, &options))
}

/// The server of the other tests has no TLS.
#[tokio::test]
async fn a_server_that_cannot_is_not_waited_for() {
    for (variable, words) in [("BUTTRESS_TEST_POSTGRES", POSTGRES), ("BUTTRESS_TEST_MARIADB", MARIADB)] {
        let said = refused(&format!("{}?{}", server(variable), words.require)).await;
        assert!(said.contains("server does not support TLS"), "{said}");
    }
}

#[tokio::test]
async fn a_plain_session_with_another_machine_is_said_once() {
    for variable in ["BUTTRESS_TEST_POSTGRES", "BUTTRESS_TEST_MARIADB"] {
        let warned = |log: &Capture| log.text().matches("are not encrypted").count();
        let near = server(variable);
        let log = Capture::new();
        open(&near).await.unwrap();
        assert_eq!(warned(&log), 0, "it does not leave this machine");
        // Not a local address by its form, but it leads to this machine.
        let far = near.replace("127.0.0.1", "0.0.0.0");
        let store = open(&far).await.unwrap();
        for _ in 0..3 {
            store.check(PATIENT).await.unwrap();
        }
        assert_eq!(warned(&log), 1, "{}", log.text());
        assert!(log.text().contains("0.0.0.0:"), "{}", log.text());
    }
}
