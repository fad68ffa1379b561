use std::sync::Arc;

use futures_core::future::BoxFuture;
use sqlx::mysql::{MySqlConnectOptions, MySqlDatabaseError, MySqlSslMode};
use sqlx::{AssertSqlSafe, Executor, MySql, MySqlConnection, Row as _};

use super::address::{Address, Endpoint};
use super::server::{self, Server};
use super::settings::millis;
use super::{Connects, Settings, System};
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
        // Poolers of this protocol know that a prepared statement belongs to a connection.
        let address = Address { unprepared: false, ..address(url)? };
        server::open(address, session(settings), settings).await
    }
}

impl Server for MySql {
    fn endpoint(options: &MySqlConnectOptions) -> Endpoint<'_> {
        let socket = options.get_socket().map(|path| path.as_path());
        let (host, port) = (options.get_host(), options.get_port());
        Endpoint { host, port, database: options.get_database(), socket }
    }

    fn is_plain(options: &MySqlConnectOptions) -> bool {
        matches!(options.get_ssl_mode(), MySqlSslMode::Disabled)
    }

    fn is_encrypted(connection: &mut MySqlConnection) -> BoxFuture<'_, Result<bool, sqlx::Error>> {
        Box::pin(async move {
            let cipher = connection.fetch_one(sqlx::raw_sql("SHOW SESSION STATUS LIKE 'Ssl_cipher'")).await?;
            Ok(!cipher.try_get::<String, _>(1)?.is_empty())
        })
    }

    /// In one round trip. Only the last statement may name what the server does not know.
    fn tell(connection: &mut MySqlConnection, session: Arc<str>) -> BoxFuture<'_, Result<(), sqlx::Error>> {
        Box::pin(async move {
            match connection.execute(sqlx::raw_sql(AssertSqlSafe(session))).await {
                Err(sqlx::Error::Database(error)) if is_unknown_variable(&*error) => Ok(()),
                outcome => outcome.map(drop),
            }
        })
    }
}

fn is_unknown_variable(error: &dyn sqlx::error::DatabaseError) -> bool {
    error.try_downcast_ref::<MySqlDatabaseError>().is_some_and(|error| error.number() == 1193)
}

/// The settings that are relied on, whatever the server has by default: that a statement out of a transaction commits, and a commit
/// begins no other; how texts are written, and values that do not fit are refused; that constraints hold, all rows come,
/// tables have transactions, and constraints are named as they are read.
///
/// The server's own modes stay, if they change neither how a text is read nor what is stored without a word.
const RELIED_ON: &str = "\
    SET SESSION autocommit = 1, completion_type = 'NO_CHAIN', \
    sql_mode = CONCAT('PIPES_AS_CONCAT,NO_ENGINE_SUBSTITUTION,STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO', \
        IF(FIND_IN_SET('ONLY_FULL_GROUP_BY', @@sql_mode), ',ONLY_FULL_GROUP_BY', ''), \
        IF(FIND_IN_SET('NO_ZERO_DATE', @@sql_mode), ',NO_ZERO_DATE', ''), \
        IF(FIND_IN_SET('NO_ZERO_IN_DATE', @@sql_mode), ',NO_ZERO_IN_DATE', ''), \
        IF(FIND_IN_SET('NO_AUTO_VALUE_ON_ZERO', @@sql_mode), ',NO_AUTO_VALUE_ON_ZERO', ''), \
        IF(FIND_IN_SET('NO_UNSIGNED_SUBTRACTION', @@sql_mode), ',NO_UNSIGNED_SUBTRACTION', '')), \
    foreign_key_checks = 1, unique_checks = 1, sql_auto_is_null = 0, sql_select_limit = 18446744073709551615, \
    default_storage_engine = 'InnoDB', lc_messages = 'en_US'";

/// The settings of a session. What stands behind `M!` is for MariaDB alone, and behind `!80000` for MySQL.
///
/// With `innodb_snapshot_isolation`, MariaDB refuses to overwrite what changed since the snapshot. It came with patch
/// releases of many versions, so that no version tells whether it is there.
fn session(settings: &Settings) -> String {
    let mut sql = String::from(RELIED_ON);
    if let Some(limit) = settings.lock_timeout {
        // In whole seconds; 0 is none at all.
        sql.push_str(&format!(", innodb_lock_wait_timeout = {}", seconds(millis(Some(limit)))));
    }
    let (statement, idle) = (millis(settings.statement_timeout), millis(settings.idle_in_transaction_timeout));
    sql.push_str(" /*M!100222 , check_constraint_checks = 1 */");
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
