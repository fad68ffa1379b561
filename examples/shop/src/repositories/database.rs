use std::fmt;

use buttress::sql::{Connect, Migrations};
use buttress::store::{Error, Isolation, Retry, Store, TransactionOptions};
use sqlx::migrate::Migrator;

static POSTGRES: Migrator = sqlx::migrate!("migrations/postgres");
static MYSQL: Migrator = sqlx::migrate!("migrations/mysql");
static SQLITE: Migrator = sqlx::migrate!("migrations/sqlite");

const MIGRATIONS: Migrations = Migrations::new().postgres(&POSTGRES).mysql(&MYSQL).sqlite(&SQLITE).repeatable();

/// The options of all transactions. A transaction first locks the rows that it decides by, or checks them in the
/// statement that writes. So each statement may see the latest data, and none fails because of another transaction's
/// change.
const OPTIONS: TransactionOptions =
    TransactionOptions::new().isolation(Isolation::ReadCommitted).retry(Retry::new().attempts(8));

/// The address of the database.
#[derive(Clone)]
pub struct Database(Connect);

impl Database {
    /// The default address: a file in the working directory.
    pub const DEFAULT: &str = "sqlite:shop.db";

    /// Reads a URL such as `sqlite:shop.db`, `sqlite::memory:`, `postgres://…` or `mysql://…`.
    pub fn parse(url: &str) -> Option<Self> {
        Connect::to(url).ok().map(|connect| Self(connect.name("shop")))
    }

    /// Opens the database, creates it if it is an SQLite file that does not exist, and brings its tables up to date.
    ///
    /// # Errors
    ///
    /// Fails if it cannot be opened or its tables cannot be created.
    pub async fn open(&self) -> Result<Store, Error> {
        let store = self.0.open().await?;
        MIGRATIONS.run(&store).await?;
        Ok(store.with_options(OPTIONS))
    }
}

/// Leaves out the address, which may hold a password.
impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Database(…)")
    }
}
