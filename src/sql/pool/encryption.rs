//! Warning about sessions that can be read on the network.

use super::server::{OptionsOf, Server};
use crate::store::Error;
use crate::telemetry::targets;

/// The advice for a build without TLS.
pub(in crate::sql) const NO_TLS: &str =
    "this program was built without TLS: turn on the feature `tls-rustls` or `tls-native-tls` of buttress";

/// Whether this build can encrypt; another crate may have turned that on in sqlx.
pub(in crate::sql) fn is_available() -> bool {
    sqlx_core::net::tls::available()
}

/// Warns if what is sent to another machine can be read on the way.
pub(in crate::sql) async fn warn_of_plain<DB: Server>(
    connection: &mut DB::Connection,
    options: &OptionsOf<DB>,
) -> Result<(), Error> {
    let endpoint = DB::endpoint(options);
    if !endpoint.is_remote() {
        return Ok(());
    }
    // A pooler in between answers for its own session with the server, which is the best available answer.
    let plain = !is_available()
        || DB::is_plain(options)
        || !DB::is_encrypted(connection).await.map_err(Error::of_driver::<DB>)?;
    if plain {
        let advice = if is_available() { "the sslmode of its address asks for TLS" } else { NO_TLS };
        let server = endpoint.name();
        tracing::warn!(target: targets::STORE, server, advice, "the sessions with the database are not encrypted");
    }
    Ok(())
}
