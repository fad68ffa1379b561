use std::sync::Arc;

use futures_core::future::BoxFuture;
use sqlx::mysql::{MySqlConnectOptions, MySqlDatabaseError};
use sqlx::{AssertSqlSafe, Executor, MySql, MySqlConnection};

use super::address::Address;
use super::settings::millis;
use super::{Connects, Settings, System, server};
use crate::data::Error;
use crate::data::sql::Sql;

const PARAMETERS: &[&str] = &[
    "charset",
    "collation",
    "socket",
    "ssl-ca",
    "ssl-cert",
    "ssl-key",
    "ssl-mode",
    "sslca",
    "sslcert",
    "sslkey",
    "sslmode",
    "statement-cache-capacity",
    "time-zone",
    "timezone",
];

pub(super) fn address(url: &str) -> Result<Address<MySqlConnectOptions>, Error> {
    Address::read(url, |name| PARAMETERS.contains(&name))
}

impl Connects for MySql {
    #[expect(private_interfaces, reason = "nobody else implements or calls it")]
    async fn pools(url: &str, settings: &Settings) -> Result<Sql<Self>, Error> {
        System::MySql.expected_of(url)?;
        server::open(address(url)?, session(settings), prepare, settings).await
    }
}

/// In one round trip. Only the last statement may name what the server does not know.
fn prepare(connection: &mut MySqlConnection, session: Arc<str>) -> BoxFuture<'_, Result<(), sqlx::Error>> {
    Box::pin(async move {
        match connection.execute(sqlx::raw_sql(AssertSqlSafe(session))).await {
            Err(sqlx::Error::Database(error)) if is_unknown_variable(&*error) => Ok(()),
            outcome => outcome.map(drop),
        }
    })
}

fn is_unknown_variable(error: &dyn sqlx::error::DatabaseError) -> bool {
    error.try_downcast_ref::<MySqlDatabaseError>().is_some_and(|error| error.number() == 1193)
}

/// The settings of a session. What stands behind `M!` is for MariaDB alone, and behind `!80000` for MySQL.
///
/// With `innodb_snapshot_isolation`, MariaDB refuses to overwrite what changed since the snapshot. It came with patch
/// releases of many versions, so that no version tells whether it is there.
fn session(settings: &Settings) -> String {
    let mut sql = String::from("SET SESSION sql_mode = CONCAT(@@sql_mode, ',STRICT_ALL_TABLES')");
    if let Some(limit) = settings.lock_timeout {
        // In whole seconds; 0 is none at all.
        sql.push_str(&format!(", innodb_lock_wait_timeout = {}", seconds(millis(Some(limit)))));
    }
    let (statement, idle) = (millis(settings.statement_timeout), millis(settings.idle_in_transaction_timeout));
    sql.push_str(&format!(" /*M!100101 , max_statement_time = {} */", f64::from(statement) / 1000.0));
    sql.push_str(&format!(" /*M!100300 , idle_transaction_timeout = {} */", seconds(idle)));
    sql.push_str(&format!(" /*!80000 , max_execution_time = {statement} */"));
    sql.push_str("; SET SESSION innodb_snapshot_isolation = ON");
    sql
}

/// In seconds, at most a year.
fn seconds(millis: u32) -> u32 {
    millis.div_ceil(1000)
}
