use std::str::FromStr;

use sqlx::sqlite::SqliteConnectOptions;

/// Where the database is.
#[derive(Debug, Clone)]
pub struct Database {
    options: SqliteConnectOptions,
    in_memory: bool,
}

impl Database {
    /// Reads a URL such as `sqlite:shop.db`, or `sqlite::memory:` for one that ends with the process.
    pub fn parse(url: &str) -> Option<Self> {
        let path = url.strip_prefix("sqlite:")?;
        let options = SqliteConnectOptions::from_str(url).ok()?;
        let in_memory = path.starts_with(":memory:") || path.contains("mode=memory");
        // Without a name, SQLite would give each connection a database of its own.
        let file = path.strip_prefix("//").unwrap_or(path).split('?').next()?;
        (in_memory || !file.is_empty()).then_some(Self { options, in_memory })
    }

    pub(super) fn options(&self) -> SqliteConnectOptions {
        self.options.clone()
    }

    pub(super) const fn is_in_memory(&self) -> bool {
        self.in_memory
    }
}

/// `shop.db` in the working directory.
impl Default for Database {
    fn default() -> Self {
        Self { options: SqliteConnectOptions::new().filename("shop.db"), in_memory: false }
    }
}
