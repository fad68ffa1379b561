//! Sessions that a pooler gives to another client after each transaction.

use sqlx::{ConnectOptions as _, Connection as _};

use super::server::{OptionsOf, Server};
use crate::store::{Error, ErrorKind};

/// Fails if a pooler shares the session. In a shared session, prepared statements are gone or are another client's;
/// locks are left behind; and other clients get the settings.
pub(in crate::sql) async fn refuse<DB: Server>(
    connection: &mut DB::Connection,
    options: &OptionsOf<DB>,
) -> Result<(), Error> {
    if is_shared::<DB>(connection, options).await.map_err(Error::of_driver::<DB>)? {
        let why = "a pooler shares the sessions of the database between its clients: let it keep them apart (PgBouncer: \
                   pool_mode = session), or open it with `Connect::unprepared`, or statement-cache-capacity=0 in its \
                   address";
        return Err(Error::new(ErrorKind::Configuration).because(why));
    }
    Ok(())
}

/// Two clients that are connected at the same time have two sessions, and keep them. A pooler that shares sessions
/// gives the second client the session that the first one has just released, or gives a returning client another one.
async fn is_shared<DB: Server>(connection: &mut DB::Connection, options: &OptionsOf<DB>) -> Result<bool, sqlx::Error> {
    let Some(mine) = DB::session_id(connection).await? else { return Ok(false) };
    let mut other = match options.connect().await {
        Ok(other) => other,
        // The server has no room for a second client, so there is nothing to compare with.
        Err(sqlx::Error::Database(error)) if error.code().as_deref() == Some(TOO_MANY_CONNECTIONS) => return Ok(false),
        Err(error) => return Err(error),
    };
    // Not in alternation: a pooler that hands out its sessions in turn would then give each of the two clients the same
    // one each time.
    let theirs = DB::session_id(&mut other).await?;
    let again = DB::session_id(&mut other).await?;
    let back = DB::session_id(connection).await?;
    let _ = other.close().await;
    Ok(theirs != again || back.as_ref() != Some(&mine) || theirs == Some(mine))
}

/// The SQLSTATE of a full `PostgreSQL` server; only that database has a [`session_id`](Server::session_id).
const TOO_MANY_CONNECTIONS: &str = "53300";
