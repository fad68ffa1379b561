//! Errors of a first connection that waiting does not fix, although some of them look like a lost connection.

use std::error::Error as StdError;
use std::{fmt, io};

use super::address::Endpoint;
use super::encryption::{NO_TLS, is_available};
use crate::sql::SqlDatabase;
use crate::sql::classification::Classification;
use crate::store::{Error, ErrorKind};

/// The server requires TLS, and the address does not ask for it.
const PLAIN: &str = "the server takes no plain sessions: ask for TLS with sslmode=require, or better verify-full, in the \
                     address";

/// MySQL's password plugins do not send a password unencrypted over a plain connection.
const RSA: &str = "this password is sent over TLS, or encrypted by itself: turn on the feature `tls-rustls`, \
                   `tls-native-tls` or `mysql-rsa` of buttress";

/// A TLS file that the address names.
const FILE: &str = "a certificate or key that the address names cannot be read";

/// Converts the error of a first connection. If waiting cannot help, its kind is one that is not retried; if there is
/// advice, it is added.
pub(super) fn explained<DB: SqlDatabase>(error: sqlx::Error, endpoint: &Endpoint<'_>) -> Error {
    let advice = advice(&error, endpoint.socket.is_some());
    let hopeless = advice.is_some() || is_hopeless(&error);
    // The database's name may be shown. The user's may not: it is half of what it takes to log in.
    let error =
        Classification::of_driver::<DB>(&error).knowing(endpoint.database.map(ToOwned::to_owned)).into_error(error);
    match advice {
        Some(advice) => Error::new(ErrorKind::Configuration).caused_by(Advised { advice, error }),
        None if hopeless && error.kind() != ErrorKind::Configuration => {
            Error::new(ErrorKind::Configuration).caused_by(error)
        }
        None => error,
    }
}

fn advice(error: &sqlx::Error, on_socket: bool) -> Option<&'static str> {
    match error {
        sqlx::Error::Tls(_) if !is_available() => Some(NO_TLS),
        // The driver's own advice, which names a feature of the driver.
        sqlx::Error::Configuration(error) if error.to_string().contains("mysql-rsa") => Some(RSA),
        sqlx::Error::Io(error) if error.kind() == io::ErrorKind::NotFound && !on_socket => Some(FILE),
        sqlx::Error::Database(error) if wants_tls(error.code().as_deref(), error.message()) => {
            Some(if is_available() { PLAIN } else { NO_TLS })
        }
        _ => None,
    }
}

/// `PostgreSQL` has no line in `pg_hba.conf` for plain sessions; `PgBouncer` and MySQL say that they require TLS.
/// MariaDB does not.
fn wants_tls(code: Option<&str>, message: &str) -> bool {
    match code {
        Some("28000") => message.ends_with("no encryption") || message.ends_with("SSL off"),
        Some("08P01") => message.contains("SSL required"),
        _ => message.contains("--require_secure_transport"),
    }
}

fn is_hopeless(error: &sqlx::Error) -> bool {
    match error {
        // rustls rejected the server's certificate, or the server's answer is not TLS; or this process may not use the
        // socket.
        sqlx::Error::Io(error) => matches!(error.kind(), io::ErrorKind::InvalidData | io::ErrorKind::PermissionDenied),
        // `PgBouncer` refuses a client permanently with the code of a lost connection.
        sqlx::Error::Database(error) => {
            error.code().as_deref() == Some("08P01") && REFUSALS.iter().any(|refusal| error.message().contains(refusal))
        }
        _ => false,
    }
}

/// The words of `PgBouncer` when it refuses a client permanently.
const REFUSALS: [&str; 5] =
    ["no such database", "no such user", "authentication failed", "unsupported startup parameter", "config error"];

/// An error with advice on how to fix it.
#[derive(Debug)]
struct Advised {
    advice: &'static str,
    error: Error,
}

impl fmt::Display for Advised {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.advice)?;
        self.error.source().map_or(Ok(()), |cause| write!(f, " ({cause})"))
    }
}

impl StdError for Advised {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(&self.error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_that_needs_another_feature_names_ours() {
        let driver = "RSA auth backend disabled; enable feature `mysql-rsa` or use TLS.";
        let advice = advice(&sqlx::Error::Configuration(driver.into()), false).unwrap();
        assert!(advice.contains("`mysql-rsa` of buttress"), "{advice}");
    }

    #[test]
    fn a_server_that_wants_tls_is_understood() {
        let hba = "no pg_hba.conf entry for host \"10.0.0.1\", user \"ann\", database \"shop\", no encryption";
        assert!(wants_tls(Some("28000"), hba));
        assert!(!wants_tls(Some("28000"), "no pg_hba.conf entry for host \"10.0.0.1\", SSL encryption"));
        assert!(wants_tls(Some("08P01"), "SSL required"));
        assert!(!wants_tls(Some("08P01"), "server login has been failing"));
        let mysql = "Connections using insecure transport are prohibited while --require_secure_transport=ON.";
        assert!(wants_tls(Some("HY000"), mysql));
        assert!(!wants_tls(Some("28000"), "Access denied"));
    }
}
