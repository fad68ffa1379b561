//! Opening databases: from an address and settings, with sane defaults for each of them.

#[cfg(any(feature = "mysql", feature = "postgres"))]
pub(super) mod address;
#[cfg(any(feature = "mysql", feature = "postgres"))]
mod encryption;
#[cfg(any(feature = "mysql", feature = "postgres"))]
mod hopeless;
#[cfg(any(feature = "mysql", feature = "postgres"))]
pub(super) mod server;
pub(super) mod settings;
#[cfg(any(feature = "mysql", feature = "postgres"))]
pub(super) mod shared;
pub(super) mod start;

use super::Database;
use crate::store::{Error, ErrorKind};

pub(crate) use self::settings::Settings;

/// A database that can be opened from an address of its own kind. Sealed.
pub trait Connects: super::SqlDatabase {
    /// The schemes of its addresses, in lower case.
    #[doc(hidden)]
    const SCHEMES: &'static [&'static str];

    /// Fails if the driver cannot read the address.
    #[doc(hidden)]
    fn check(url: &str) -> Result<(), Error>;

    #[doc(hidden)]
    #[expect(private_interfaces, reason = "nobody else implements or calls it")]
    fn pools(url: &str, settings: &Settings) -> impl Future<Output = Result<Database<Self>, Error>> + Send;
}

/// The error of a wrong address. The address is not repeated, because it may hold a password.
pub(in crate::sql) fn unreadable(why: impl AsRef<str>) -> Error {
    Error::new(ErrorKind::Configuration).because(format!("the address of the database: {}", why.as_ref()))
}

/// Refuses a parameter that the driver does not know: if a typo in `sslmode` were ignored, the session would not be
/// encrypted.
#[cfg_attr(
    not(any(feature = "mysql", feature = "postgres", feature = "sqlite")),
    allow(dead_code, reason = "they use it")
)]
pub(in crate::sql) fn refuse_unknown(
    names: impl IntoIterator<Item = impl AsRef<str>>,
    known: impl Fn(&str) -> bool,
) -> Result<(), Error> {
    for name in names {
        let name = name.as_ref();
        if !known(name) {
            // A piece of something else, such as a password, is not repeated.
            let is_name =
                name.len() <= 40 && name.bytes().all(|byte| byte.is_ascii_alphabetic() || b"-_".contains(&byte));
            let name = if is_name { name } else { "…" };
            return Err(unreadable(format!("the driver does not know its parameter {name}")));
        }
    }
    Ok(())
}

/// Whether an address is of a kind of database, whatever the case of its scheme.
pub(in crate::sql) fn is_of<DB: Connects>(url: &str) -> bool {
    let scheme = url.split_once(':').map(|(scheme, _)| scheme.to_ascii_lowercase());
    scheme.is_some_and(|scheme| DB::SCHEMES.contains(&&*scheme))
}

/// Fails if an address is not one of this kind of database.
pub(in crate::sql) fn expect<DB: Connects>(url: &str) -> Result<(), Error> {
    if is_of::<DB>(url) { Ok(()) } else { Err(unreadable("it is of another kind of database")) }
}
