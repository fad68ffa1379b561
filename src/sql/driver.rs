//! The operations on a database that is known only at run time.

use std::borrow::Cow;

use sqlx::error::DatabaseError;

use super::classification::Classification;
use super::migrate::{Migrates, Migrations};
use super::pool::{Settings, is_of};
use crate::store::unit::BoxFuture;
use crate::store::{Error, Store};

type Done<'a, T> = BoxFuture<'a, Result<T, Error>>;

/// A database of this build.
pub(in crate::sql) struct Driver {
    /// The `db.system.name` of OpenTelemetry.
    pub(in crate::sql) system: &'static str,
    /// The meaning of an error; `None` if it is of another database.
    pub(in crate::sql) classify: fn(&dyn DatabaseError) -> Option<Classification>,
    /// The code of an error of this database, for the operator.
    pub(in crate::sql) code: for<'e> fn(&'e dyn DatabaseError) -> Option<Cow<'e, str>>,
    /// Whether an address leads to it.
    pub(in crate::sql) is_of: fn(&str) -> bool,
    /// Fails if it cannot read an address.
    pub(in crate::sql) check: fn(&str) -> Result<(), Error>,
    /// Opens the database of an address.
    pub(in crate::sql) open: for<'a> fn(&'a str, &'a Settings) -> Done<'a, Store>,
    /// Runs the migrations for a store; `None` if it is of another database.
    pub(in crate::sql) migrate: for<'a> fn(&'a Migrations, &'a Store) -> Option<Done<'a, ()>>,
}

impl Driver {
    pub(in crate::sql) const fn of<DB: Migrates>() -> Self {
        Self {
            system: DB::SYSTEM,
            classify: |error| DB::owns(error).then(|| DB::classify(error)),
            code: |error| if DB::owns(error) { DB::code_for_operators(error) } else { None },
            is_of: is_of::<DB>,
            check: DB::check,
            open: |url, settings| Box::pin(async { DB::pools(url, settings).await.map(Store::from) }),
            migrate: |migrations, store| store.sql::<DB>().map(|sql| DB::run(migrations, store, sql)),
        }
    }
}
