use std::env;
use std::sync::atomic::{AtomicUsize, Ordering};

use sqlx::{AssertSqlSafe, Connection, Executor, MySqlConnection, PgConnection};

/// The database that the tests run on: an SQLite file for each shop, or with `SHOP_TEST_DATABASE=postgres` or
/// `mariadb`, a database for each shop on a server that `scripts/with-servers` starts. `None` is the shop's own
/// default.
pub fn fresh() -> Option<String> {
    static NUMBER: AtomicUsize = AtomicUsize::new(0);
    let name = format!("shop_{}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
    match env::var("SHOP_TEST_DATABASE").as_deref() {
        Err(_) | Ok("sqlite") => None,
        Ok("postgres") => Some(on_server("BUTTRESS_TEST_POSTGRES", &name)),
        Ok("mariadb") => Some(on_server("BUTTRESS_TEST_MARIADB", &name)),
        Ok(other) => panic!("SHOP_TEST_DATABASE must be sqlite, postgres or mariadb, not {other}"),
    }
}

/// The URL of a new database on a server.
pub fn on_server(variable: &str, name: &str) -> String {
    let server = env::var(variable).unwrap_or_else(|_| panic!("{variable} is not set: use scripts/with-servers"));
    create(&server, name);
    let (base, _) = server.rsplit_once('/').unwrap();
    format!("{base}/{name}")
}

fn create(server: &str, name: &str) {
    let sql = || sqlx::raw_sql(AssertSqlSafe(format!("CREATE DATABASE {name}")));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        if server.starts_with("postgres") {
            PgConnection::connect(server).await.unwrap().execute(sql()).await.unwrap();
        } else {
            MySqlConnection::connect(server).await.unwrap().execute(sql()).await.unwrap();
        }
    });
}
