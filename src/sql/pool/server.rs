//! A pool of connections to a server: the code that PostgreSQL and MySQL share.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures_core::future::BoxFuture;
use sqlx::{ConnectOptions as _, Connection as _, Pool};

use super::address::{Address, Endpoint};
use super::start::reached;
use super::{Connects, Settings, encryption, hopeless, shared};
use crate::sql::Database;
use crate::sql::error::guard_error::guard_error;
use crate::sql::source::ConnectionSource;
use crate::store::{Error, ErrorKind};

pub(in crate::sql) type OptionsOf<DB> = <<DB as sqlx::Database>::Connection as sqlx::Connection>::Options;

/// A database that is a server.
pub(in crate::sql) trait Server: Connects {
    fn endpoint(options: &OptionsOf<Self>) -> Endpoint<'_>;

    /// Whether the address forbids encryption.
    fn is_plain(options: &OptionsOf<Self>) -> bool;

    /// Whether the session is encrypted, according to the server.
    fn is_encrypted(connection: &mut Self::Connection) -> BoxFuture<'_, Result<bool, sqlx::Error>>;

    /// Sends the session's settings, which are SQL, to a new connection.
    fn tell(connection: &mut Self::Connection, session: Arc<str>) -> BoxFuture<'_, Result<(), sqlx::Error>>;

    /// An id that is unique among open sessions; `None` if poolers of this database do not share sessions.
    fn session_id(_connection: &mut Self::Connection) -> BoxFuture<'_, Result<Option<String>, sqlx::Error>> {
        Box::pin(async { Ok(None) })
    }
}

/// How the connections of a pool are made.
struct Opening<DB: Server> {
    options: OptionsOf<DB>,
    session: Arc<str>,
    unprepared: bool,
    /// Whether one of the connections was checked.
    looked: AtomicBool,
}

/// Opens the pool of a server: once the server can be reached, or at once if the settings say `lazy`.
pub(in crate::sql) async fn open<DB: Server>(
    address: Address<OptionsOf<DB>>,
    session: String,
    settings: &Settings,
) -> Result<Database<DB>, Error> {
    let Address { options, unprepared } = address;
    let opening = Opening::<DB> { options, session: session.into(), unprepared, looked: AtomicBool::new(false) };
    let opening = Arc::new(opening);
    let begins = Arc::clone(&opening);
    let pool = settings
        .pool()
        .after_connect(move |connection, _| {
            let opening = Arc::clone(&begins);
            Box::pin(async move {
                opening.look(connection).await.map_err(|error| guard_error(&error))?;
                opening.tell(connection).await
            })
        })
        .connect_lazy_with(opening.options.clone());
    if !settings.lazy {
        let attempt = || -> BoxFuture<'_, _> { Box::pin(opening.connected(&pool)) };
        reached(settings, &DB::endpoint(&opening.options).name(), may_come, attempt).await?;
    }
    let source = ConnectionSource::counted(pool, None);
    // A shared session gets no settings, so none have to be restored.
    Ok(Database::over(if unprepared { source.unprepared() } else { source.opened(&opening.session, false) }))
}

impl<DB: Server> Opening<DB> {
    /// Makes sure that the pool can connect. A connection is made here first, because the pool would hide why it
    /// cannot.
    async fn connected(&self, pool: &Pool<DB>) -> Result<(), Error> {
        let explained = |error| hopeless::explained::<DB>(error, &DB::endpoint(&self.options));
        let mut connection = self.options.connect().await.map_err(explained)?;
        self.look(&mut connection).await?;
        self.tell(&mut connection).await.map_err(explained)?;
        let _ = connection.close().await;
        pool.acquire().await.map(drop).map_err(explained)
    }

    /// Checks the first session, before any setting is sent: a shared session must not get any.
    async fn look(&self, connection: &mut DB::Connection) -> Result<(), Error> {
        if self.looked.load(Ordering::Relaxed) {
            return Ok(());
        }
        if !self.unprepared {
            shared::refuse::<DB>(connection, &self.options).await?;
        }
        encryption::warn_of_plain::<DB>(connection, &self.options).await?;
        self.looked.store(true, Ordering::Relaxed);
        Ok(())
    }

    /// Sends the settings, unless the session is shared: the next client would get them.
    async fn tell(&self, connection: &mut DB::Connection) -> Result<(), sqlx::Error> {
        if self.unprepared { Ok(()) } else { DB::tell(connection, Arc::clone(&self.session)).await }
    }
}

/// Whether the failure may pass soon: the server is starting, or is full.
fn may_come(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::ConnectionLost | ErrorKind::PoolExhausted | ErrorKind::TooManyConnections)
}
