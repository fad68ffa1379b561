use std::sync::Arc;
use std::time::Duration;

use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, Executor, PgConnection, Postgres};

use super::start::started;
use super::{Connects, Settings};
use crate::data::Error;
use crate::data::sql::Sql;

/// How soon the server notices that a client went away in the middle of a statement.
const CLIENT_CHECK: Duration = Duration::from_secs(5);

pub(super) fn address(url: &str) -> Option<PgConnectOptions> {
    url.parse().ok()
}

impl Connects for Postgres {
    #[expect(private_interfaces, reason = "nobody else implements or calls it")]
    async fn pools(url: &str, settings: &Settings) -> Result<Option<Sql<Self>>, Error> {
        let Some(mut options) = address(url).filter(|_| url.starts_with("postgres")) else { return Ok(None) };
        if let Some(name) = &settings.name {
            options = options.application_name(name);
        }
        let sql: Arc<str> = session(settings).into();
        let pool = settings.pool().after_connect(move |connection: &mut PgConnection, _| {
            let sql = Arc::clone(&sql);
            Box::pin(async move { connection.execute(sqlx::raw_sql(AssertSqlSafe(sql))).await.map(drop) })
        });
        let pool = started(pool.connect_lazy_with(options), settings).await?;
        Ok(Some(Sql::from_pool(pool)))
    }
}

/// The settings of a session in one statement; those that the server does not know are not among its rows.
fn session(settings: &Settings) -> String {
    let limits = [
        ("statement_timeout", settings.statement_timeout.or(Some(Duration::ZERO))),
        ("idle_in_transaction_session_timeout", settings.idle_in_transaction_timeout.or(Some(Duration::ZERO))),
        ("lock_timeout", settings.lock_timeout),
        ("client_connection_check_interval", Some(CLIENT_CHECK)),
    ];
    let limits: Vec<_> = limits
        .into_iter()
        .filter_map(|(name, limit)| limit.map(|limit| format!("('{name}', '{}')", limit.as_millis())))
        .collect();
    format!(
        "SELECT set_config(s.name, l.value, false) FROM (VALUES {}) AS l (name, value) JOIN pg_settings s USING (name)",
        limits.join(", ")
    )
}
