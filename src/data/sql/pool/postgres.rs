use std::sync::Arc;
use std::time::Duration;

use futures_core::future::BoxFuture;
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, Executor, PgConnection, Postgres};

use super::address::Address;
use super::settings::millis;
use super::{Connects, Settings, System, server};
use crate::data::Error;
use crate::data::sql::Sql;

/// How soon the server notices that a client went away in the middle of a statement.
const CLIENT_CHECK: Duration = Duration::from_secs(5);

const PARAMETERS: &[&str] = &[
    "application_name",
    "dbname",
    "host",
    "hostaddr",
    "options",
    "password",
    "port",
    "ssl-ca",
    "ssl-cert",
    "ssl-key",
    "ssl-mode",
    "ssl-root-cert",
    "sslcert",
    "sslkey",
    "sslmode",
    "sslrootcert",
    "statement-cache-capacity",
    "user",
];

pub(super) fn address(url: &str) -> Result<Address<PgConnectOptions>, Error> {
    Address::read(url, |name| PARAMETERS.contains(&name) || name.starts_with("options["))
}

impl Connects for Postgres {
    #[expect(private_interfaces, reason = "nobody else implements or calls it")]
    async fn pools(url: &str, settings: &Settings) -> Result<Sql<Self>, Error> {
        System::Postgres.expected_of(url)?;
        let mut address = address(url)?;
        let name = settings.name.clone();
        if let Some(name) = name.or_else(|| address.options.get_application_name().is_none().then(program)) {
            address.options = address.options.application_name(&printable(&name));
        }
        server::open(address, session(settings), prepare, settings).await
    }
}

/// In one round trip.
fn prepare(connection: &mut PgConnection, session: Arc<str>) -> BoxFuture<'_, Result<(), sqlx::Error>> {
    Box::pin(async move { connection.execute(sqlx::raw_sql(AssertSqlSafe(session))).await.map(drop) })
}

fn session(settings: &Settings) -> String {
    let limits = [
        ("statement_timeout", millis(settings.statement_timeout)),
        ("idle_in_transaction_session_timeout", millis(settings.idle_in_transaction_timeout)),
    ];
    set(limits.into_iter().chain(settings.lock_timeout.map(|limit| ("lock_timeout", millis(Some(limit))))))
}

/// Limits of a session, in milliseconds, in one statement, and that the server looks after its client. What it does not
/// know is not among the rows. A server on Windows, and an old one on macOS, cannot look after clients, and refuses to.
pub(in crate::data::sql) fn set(limits: impl IntoIterator<Item = (&'static str, u32)>) -> String {
    let check = ("client_connection_check_interval", millis(Some(CLIENT_CHECK)));
    let limits = limits.into_iter().chain([check]).map(|(name, limit)| format!("('{name}', '{limit}')"));
    format!(
        "SELECT set_config(name, value, false) FROM (VALUES {}) AS s (name, value) WHERE current_setting(name, true) \
         IS NOT NULL AND (name NOT LIKE 'client%' OR version() !~* 'windows|mingw|msvc|visual|^PostgreSQL 14.*darwin')",
        limits.collect::<Vec<_>>().join(", ")
    )
}

/// What the program is called, where nobody said so.
fn program() -> String {
    let program = std::env::current_exe().ok();
    let name = program.as_deref().and_then(|path| path.file_stem()).and_then(|name| name.to_str());
    name.unwrap_or(env!("CARGO_PKG_NAME")).to_owned()
}

/// The server keeps 63 characters, and none but these. A zero byte would end the message that it is a part of.
fn printable(name: &str) -> String {
    name.chars().take(63).map(|char| if matches!(char, ' '..='~') { char } else { '?' }).collect()
}
