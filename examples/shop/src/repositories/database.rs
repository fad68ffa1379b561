use std::fmt;

use buttress::sql::{Connect, Migrations};
use buttress::store::{Error, Isolation, Options, Retry, Store};
use sqlx::migrate::Migrator;

static POSTGRES: Migrator = sqlx::migrate!("migrations/postgres");
static MYSQL: Migrator = sqlx::migrate!("migrations/mysql");
static SQLITE: Migrator = sqlx::migrate!("migrations/sqlite");

const MIGRATIONS: Migrations = Migrations::new().postgres(&POSTGRES).mysql(&MYSQL).sqlite(&SQLITE).repeatable();

/// How transactions are run. What a transaction decides by, it locks first or checks in the statement that writes; so
/// each statement may see the latest, and nothing fails for what somebody else changed meanwhile.
const OPTIONS: Options = Options::new().isolation(Isolation::ReadCommitted).retry(Retry::new().attempts(8));

/// Where the database is.
#[derive(Clone)]
pub struct Database(Connect);

impl Database {
    /// Where the database is when nothing is said: a file in the working directory.
    pub const DEFAULT: &str = "sqlite:shop.db";

    /// Reads a URL such as `sqlite:shop.db`, `sqlite::memory:`, `postgres://…` or `mysql://…`.
    pub fn parse(url: &str) -> Option<Self> {
        Connect::to(url).ok().map(|connect| Self(connect.name("shop")))
    }

    /// Opens the database, makes it if it is an SQLite file that is not there, and brings its tables up to date.
    ///
    /// # Errors
    ///
    /// When it cannot be opened or its tables cannot be made.
    pub async fn open(&self) -> Result<Store, Error> {
        let store = self.0.open().await?;
        MIGRATIONS.run(&store).await?;
        Ok(store.with(OPTIONS))
    }
}

/// Without the address, which may hold a password.
impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Database(…)")
    }
}
