//! What PostgreSQL and MySQL share: a pool of connections to a server.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures_core::future::BoxFuture;
use sqlx::{ConnectOptions as _, Connection as _, Pool};

use super::address::{Address, Endpoint};
use super::start::reached;
use super::{Connects, Settings, encryption, hopeless, shared};
use crate::data::sql::Sql;
use crate::data::sql::lease::Lease;
use crate::data::sql::refused::refused;
use crate::data::{Error, Kind};

pub(super) type OptionsOf<DB> = <<DB as sqlx::Database>::Connection as sqlx::Connection>::Options;

/// A database that is a server.
pub(in crate::data::sql) trait Server: Connects {
    fn endpoint(options: &OptionsOf<Self>) -> Endpoint<'_>;

    /// Whether the address forbids encryption.
    fn is_plain(options: &OptionsOf<Self>) -> bool;

    /// Whether the session is encrypted, as the server sees it.
    fn is_encrypted(connection: &mut Self::Connection) -> BoxFuture<'_, Result<bool, sqlx::Error>>;

    /// Tells a new connection the settings of its session, which are SQL.
    fn tell(connection: &mut Self::Connection, session: Arc<str>) -> BoxFuture<'_, Result<(), sqlx::Error>>;

    /// An id that no two sessions have that are open at the same time; `None` where poolers share no sessions.
    fn session_id(_connection: &mut Self::Connection) -> BoxFuture<'_, Result<Option<String>, sqlx::Error>> {
        Box::pin(async { Ok(None) })
    }
}

/// How the connections of a pool are made.
struct Opening<DB: Server> {
    options: OptionsOf<DB>,
    session: Arc<str>,
    unprepared: bool,
    /// Whether one of them was looked at.
    looked: AtomicBool,
}

/// The pool of a server, once it is there; or without looking, if the settings say so.
pub(super) async fn open<DB: Server>(
    address: Address<OptionsOf<DB>>,
    session: String,
    settings: &Settings,
) -> Result<Sql<DB>, Error> {
    let Address { options, unprepared } = address;
    let opening = Opening::<DB> { options, session: session.into(), unprepared, looked: AtomicBool::new(false) };
    let opening = Arc::new(opening);
    let begins = Arc::clone(&opening);
    let pool = settings
        .pool()
        .after_connect(move |connection, _| {
            let opening = Arc::clone(&begins);
            Box::pin(async move {
                opening.look(connection).await.map_err(|error| refused(&error))?;
                opening.tell(connection).await
            })
        })
        .connect_lazy_with(opening.options.clone());
    if !settings.lazy {
        let attempt = || -> BoxFuture<'_, _> { Box::pin(opening.connected(&pool)) };
        reached(settings, &DB::endpoint(&opening.options).name(), may_come, attempt).await?;
    }
    let lease = Lease::counted(pool, None);
    // A session that strangers get next is told nothing, so there is nothing to tell it again.
    Ok(Sql::over(if unprepared { lease.unprepared() } else { lease.opened(&opening.session, false) }))
}

impl<DB: Server> Opening<DB> {
    /// A connection in the pool. The pool would keep to itself why it cannot connect; a connection of our own tells.
    async fn connected(&self, pool: &Pool<DB>) -> Result<(), Error> {
        let explained = |error| hopeless::explained::<DB>(error, &DB::endpoint(&self.options));
        let mut connection = self.options.connect().await.map_err(explained)?;
        self.look(&mut connection).await?;
        self.tell(&mut connection).await.map_err(explained)?;
        let _ = connection.close().await;
        pool.acquire().await.map(drop).map_err(explained)
    }

    /// Looks at the first session, before it is told anything: a session that is shared must not be told.
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

    /// Where strangers get the session next, what it is told would be told to them.
    async fn tell(&self, connection: &mut DB::Connection) -> Result<(), sqlx::Error> {
        if self.unprepared { Ok(()) } else { DB::tell(connection, Arc::clone(&self.session)).await }
    }
}

/// Whether it may be well in a moment: the server starts, or is full.
fn may_come(kind: Kind) -> bool {
    matches!(kind, Kind::ConnectionLost | Kind::PoolExhausted | Kind::TooManyConnections)
}
