use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use futures_core::future::BoxFuture;
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use sqlx::{AssertSqlSafe, Executor, PgConnection, Postgres, Row as _};

use crate::sql::Database;
use crate::sql::pool::address::{Address, Endpoint};
use crate::sql::pool::server::{self, Server};
use crate::sql::pool::settings::millis;
use crate::sql::pool::{Connects, Settings, expect};
use crate::store::Error;

/// How soon the server notices that a client disconnected in the middle of a statement.
const CLIENT_CHECK: Duration = Duration::from_secs(5);

/// The parameters that the driver knows.
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

pub(in crate::sql) fn address(url: &str) -> Result<Address<PgConnectOptions>, Error> {
    Address::read(url, |name| PARAMETERS.contains(&name) || name.starts_with("options["))
}

impl Connects for Postgres {
    const SCHEMES: &'static [&'static str] = &["postgres", "postgresql"];

    fn check(url: &str) -> Result<(), Error> {
        address(url).map(drop)
    }

    #[expect(private_interfaces, reason = "nobody else implements or calls it")]
    async fn pools(url: &str, settings: &Settings) -> Result<Database<Self>, Error> {
        expect::<Self>(url)?;
        let mut address = address(url)?;
        let name = settings.name.clone();
        if let Some(name) = name.or_else(|| address.options.get_application_name().is_none().then(program)) {
            address.options = address.options.application_name(&printable(&name));
        }
        // `PgBouncer` refuses this parameter, and by default the server writes the shortest number that is exact.
        address.options = address.options.extra_float_digits(None);
        address.unprepared |= settings.unprepared;
        if address.unprepared {
            address.options = address.options.statement_cache_capacity(0);
        }
        server::open(address, session(settings), settings).await
    }
}

impl Server for Postgres {
    fn endpoint(options: &PgConnectOptions) -> Endpoint<'_> {
        let socket = options.get_socket().map(|path| path.as_path());
        // The driver takes a host that is a path for the directory of a socket.
        let directory = options.get_host().starts_with('/').then(|| Path::new(options.get_host()));
        let (host, port) = (options.get_host(), options.get_port());
        Endpoint { host, port, database: options.get_database(), socket: socket.or(directory) }
    }

    /// The driver treats `allow` like `disable`.
    fn is_plain(options: &PgConnectOptions) -> bool {
        matches!(options.get_ssl_mode(), PgSslMode::Disable | PgSslMode::Allow)
    }

    fn is_encrypted(connection: &mut PgConnection) -> BoxFuture<'_, Result<bool, sqlx::Error>> {
        Box::pin(async move {
            let asked = sqlx::raw_sql("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()");
            connection.fetch_optional(asked).await?.map_or(Ok(false), |row| row.try_get(0))
        })
    }

    /// In one round trip.
    fn tell(connection: &mut PgConnection, session: Arc<str>) -> BoxFuture<'_, Result<(), sqlx::Error>> {
        Box::pin(async move { connection.execute(sqlx::raw_sql(AssertSqlSafe(session))).await.map(drop) })
    }

    /// Not the process id alone: behind a pooler with several servers, two sessions could have the same.
    fn session_id(connection: &mut PgConnection) -> BoxFuture<'_, Result<Option<String>, sqlx::Error>> {
        Box::pin(async move {
            let asked = sqlx::raw_sql(
                "SELECT pid::text || ' ' || backend_start::text FROM pg_stat_activity WHERE pid = pg_backend_pid()",
            );
            connection.fetch_optional(asked).await?.map_or(Ok(None), |row| row.try_get(0))
        })
    }
}

fn session(settings: &Settings) -> String {
    let limits = [
        ("statement_timeout", millis(settings.statement_timeout)),
        ("idle_in_transaction_session_timeout", millis(settings.idle_in_transaction_timeout)),
    ];
    let lock = settings.lock_timeout.map(|limit| ("lock_timeout", millis(Some(limit))));
    let limits = limits.into_iter().chain(lock).map(|(name, limit)| (name, limit.to_string()));
    let relied_on = RELIED_ON.into_iter().map(|(name, value)| (name, value.to_owned()));
    set(limits.chain(relied_on), Scope::Session)
}

/// How texts are read and written, whatever the defaults of the server, the database or the role are. Without the first
/// setting, a backslash would escape the quote that ends a text.
const RELIED_ON: [(&str, &str); 3] =
    [("standard_conforming_strings", "on"), ("bytea_output", "hex"), ("array_nulls", "on")];

/// How long a setting holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sql) enum Scope {
    Session,
    Transaction,
}

/// Makes settings in one statement, and makes the server check for its client. Limits are in milliseconds. A setting
/// that the server does not know is left out of the rows. A server on Windows, and an old one on macOS, cannot check
/// for clients and refuses that setting.
pub(in crate::sql) fn set(settings: impl IntoIterator<Item = (&'static str, String)>, scope: Scope) -> String {
    let check = ("client_connection_check_interval", millis(Some(CLIENT_CHECK)).to_string());
    let settings = settings.into_iter().chain([check]).map(|(name, value)| format!("('{name}', '{value}')"));
    format!(
        "SELECT set_config(name, value, {}) FROM (VALUES {}) AS s (name, value) WHERE current_setting(name, true) \
         IS NOT NULL AND (name NOT LIKE 'client%' OR version() !~* 'windows|mingw|msvc|visual|^PostgreSQL 14.*darwin')",
        scope == Scope::Transaction,
        settings.collect::<Vec<_>>().join(", ")
    )
}

/// The program's name, the default for the session's name.
fn program() -> String {
    let program = std::env::current_exe().ok();
    let name = program.as_deref().and_then(|path| path.file_stem()).and_then(|name| name.to_str());
    name.unwrap_or(env!("CARGO_PKG_NAME")).to_owned()
}

/// The server keeps 63 characters, and only printable ASCII. A zero byte would end the message that contains it.
fn printable(name: &str) -> String {
    name.chars().take(63).map(|char| if matches!(char, ' '..='~') { char } else { '?' }).collect()
}
