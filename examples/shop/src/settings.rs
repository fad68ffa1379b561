//! The settings of this run, read from the environment. All mistakes are reported at once, and no value is repeated.

use std::env;
use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};

use buttress::page::CursorKeys;

use crate::auth::AdminToken;
use crate::repositories::Database;

/// The settings of the shop.
#[derive(Debug)]
pub struct Settings {
    /// `SHOP_ADDR`: the address to listen on; port 0 picks a free one.
    pub addr: SocketAddr,
    /// `SHOP_DATABASE_URL`: an SQLite file, created if it does not exist, or a PostgreSQL, MySQL or MariaDB database.
    pub database: Database,
    /// `SHOP_ADMIN_TOKEN`: the token for protected routes.
    pub admin_token: Option<AdminToken>,
    /// `SHOP_CURSOR_KEYS`: the keys that sign cursors, as `id:key,…`.
    pub cursor_keys: Option<CursorKeys>,
}

impl Settings {
    /// Reads the environment of the process.
    ///
    /// # Errors
    ///
    /// All mistakes in it.
    pub fn from_env() -> Result<Self, Mistakes> {
        Self::read(|name| env::var_os(name).map(|value| value.into_string().map_err(drop)))
    }

    fn read(lookup: impl Fn(&str) -> Option<Result<String, ()>>) -> Result<Self, Mistakes> {
        let mut reader = Reader { lookup, mistakes: Vec::new() };
        let addr = reader.parse("SHOP_ADDR", "an address and a port, such as 127.0.0.1:3000", |text| text.parse().ok());
        let database = reader.parse_or(
            "SHOP_DATABASE_URL",
            Database::DEFAULT,
            "the URL of a database, such as sqlite:shop.db, postgres://user:password@host/shop or mysql://…",
            Database::parse,
        );
        let admin_token = reader.parse("SHOP_ADMIN_TOKEN", AdminToken::RULE, AdminToken::parse);
        let keys = "id:key,id:key, where a key has 8 to 256 visible characters and an id is given once";
        let cursor_keys = reader.parse("SHOP_CURSOR_KEYS", keys, |text| text.parse().ok());
        let (true, Some(database)) = (reader.mistakes.is_empty(), database) else {
            return Err(Mistakes(reader.mistakes));
        };
        Ok(Self {
            addr: addr.unwrap_or_else(|| SocketAddr::from((Ipv4Addr::LOCALHOST, 3000))),
            database,
            admin_token,
            cursor_keys,
        })
    }
}

/// The mistakes in the settings, one sentence each.
#[derive(Debug, PartialEq, Eq)]
pub struct Mistakes(Vec<String>);

impl fmt::Display for Mistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the settings are wrong:")?;
        self.0.iter().try_for_each(|mistake| write!(f, "\n  {mistake}"))
    }
}

impl std::error::Error for Mistakes {}

/// Reads settings and collects the mistakes in them.
struct Reader<L> {
    lookup: L,
    mistakes: Vec<String>,
}

impl<L: Fn(&str) -> Option<Result<String, ()>>> Reader<L> {
    fn parse<T>(&mut self, name: &str, expected: &str, parse: impl Fn(&str) -> Option<T>) -> Option<T> {
        let value = (self.lookup)(name)?;
        self.read(name, expected, value, parse)
    }

    /// Reads a setting that has a default.
    fn parse_or<T>(
        &mut self,
        name: &str,
        default: &str,
        expected: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        let value = (self.lookup)(name).unwrap_or_else(|| Ok(default.to_owned()));
        self.read(name, expected, value, parse)
    }

    fn read<T>(
        &mut self,
        name: &str,
        expected: &str,
        value: Result<String, ()>,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        let value = value.ok().and_then(|text| parse(&text));
        if value.is_none() {
            self.mistakes.push(format!("{name} must be {expected}"));
        }
        value
    }
}
