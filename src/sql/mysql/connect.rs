use std::sync::Arc;

use futures_core::future::BoxFuture;
use sqlx::mysql::{MySqlConnectOptions, MySqlDatabaseError, MySqlSslMode};
use sqlx::{AssertSqlSafe, Executor, MySql, MySqlConnection, Row as _};

use crate::sql::Database;
use crate::sql::pool::address::{Address, Endpoint};
use crate::sql::pool::server::{self, Server};
use crate::sql::pool::settings::millis;
use crate::sql::pool::{Connects, Settings, expect};
use crate::store::Error;

/// The parameters that the driver knows.
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

pub(in crate::sql) fn address(url: &str) -> Result<Address<MySqlConnectOptions>, Error> {
    Address::read(url, |name| PARAMETERS.contains(&name))
}

impl Connects for MySql {
    const SCHEMES: &'static [&'static str] = &["mysql", "mariadb"];

    fn check(url: &str) -> Result<(), Error> {
        address(url).map(drop)
    }

    #[expect(private_interfaces, reason = "nobody else implements or calls it")]
    async fn pools(url: &str, settings: &Settings) -> Result<Database<Self>, Error> {
        expect::<Self>(url)?;
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

    /// In one round trip. Only the last statement may name a variable that the server does not know.
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

/// The settings that this crate relies on, whatever the server's defaults are. A statement outside a transaction
/// commits, and a commit does not begin another transaction. Literals are written in one way, and values that do not
/// fit are refused. Constraints hold, all rows are returned, tables have transactions, and messages are in the language
/// from which constraint names are read.
///
/// The server's own modes stay if they change neither how a text is read nor what is silently stored.
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

/// The settings of a session. The parts after `M!` are for MariaDB alone, and those after `!80000` for MySQL.
///
/// With `innodb_snapshot_isolation`, MariaDB refuses to overwrite rows that changed since the snapshot. The variable
/// came with patch releases of many versions, so the version does not tell whether it exists.
fn session(settings: &Settings) -> String {
    let mut sql = String::from(RELIED_ON);
    if let Some(limit) = settings.lock_timeout {
        // In whole seconds, rounded up: 0 would mean no wait at all.
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
