//! What the environment says about this run. All mistakes are named at once, and no value is repeated.

use std::env;
use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};

use buttress::respond::CursorKeys;

use crate::auth::AdminToken;
use crate::repositories::Database;

/// How the shop is run.
#[derive(Debug)]
pub struct Settings {
    /// `SHOP_ADDR`: where to listen; port 0 picks a free one.
    pub addr: SocketAddr,
    /// `SHOP_DATABASE_URL`: an SQLite file, made if it is not there, or a PostgreSQL, MySQL or MariaDB.
    pub database: Database,
    /// `SHOP_ADMIN_TOKEN`: what protected routes ask for.
    pub admin_token: Option<AdminToken>,
    /// `SHOP_CURSOR_KEYS`: what cursors are signed with, as `id:key,…`.
    pub cursor_keys: Option<CursorKeys>,
}

impl Settings {
    /// Reads the environment of the process.
    ///
    /// # Errors
    ///
    /// All that is wrong with it.
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

/// What is wrong with the settings, one sentence each.
#[derive(Debug, PartialEq, Eq)]
pub struct Mistakes(Vec<String>);

impl fmt::Display for Mistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the settings are wrong:")?;
        self.0.iter().try_for_each(|mistake| write!(f, "\n  {mistake}"))
    }
}

impl std::error::Error for Mistakes {}

/// Reads settings and collects what is wrong with them.
struct Reader<L> {
    lookup: L,
    mistakes: Vec<String>,
}

impl<L: Fn(&str) -> Option<Result<String, ()>>> Reader<L> {
    fn parse<T>(&mut self, name: &str, expected: &str, parse: impl Fn(&str) -> Option<T>) -> Option<T> {
        let value = (self.lookup)(name)?;
        self.read(name, expected, value, parse)
    }

    /// A setting that has a value of its own where none is given.
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
