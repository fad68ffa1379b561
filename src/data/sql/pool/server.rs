//! What PostgreSQL and MySQL share: a pool of connections to a server.

use std::sync::Arc;

use futures_core::future::BoxFuture;
use sqlx::{ConnectOptions as _, Connection as _, Database, Pool};

use super::address::Address;
use super::start::reached;
use super::{Connects, Settings};
use crate::data::sql::Sql;
use crate::data::{Error, Kind};

/// Tells a new connection the settings of its session, which are SQL.
pub(super) type Prepare<DB> =
    for<'c> fn(&'c mut <DB as Database>::Connection, Arc<str>) -> BoxFuture<'c, Result<(), sqlx::Error>>;

type OptionsOf<DB> = <<DB as Database>::Connection as sqlx::Connection>::Options;

/// The pool of a server, once it is there; or without looking, if the settings say so.
pub(super) async fn open<DB: Connects>(
    address: Address<OptionsOf<DB>>,
    session: String,
    prepare: Prepare<DB>,
    settings: &Settings,
) -> Result<Sql<DB>, Error> {
    let Address { options, server } = address;
    let session: Arc<str> = session.into();
    let told = Arc::clone(&session);
    let pool = settings
        .pool()
        .after_connect(move |connection, _| prepare(connection, Arc::clone(&told)))
        .connect_lazy_with(options.clone());
    if !settings.lazy {
        let attempt = || -> BoxFuture<'_, _> { Box::pin(connected(&pool, &options, &session, prepare)) };
        reached(settings, &server, may_come, attempt).await?;
    }
    Ok(Sql::opened(pool, &session))
}

/// A connection in the pool. The pool would keep to itself why it cannot connect; a connection of our own tells.
async fn connected<DB: Connects>(
    pool: &Pool<DB>,
    options: &OptionsOf<DB>,
    session: &Arc<str>,
    prepare: Prepare<DB>,
) -> Result<(), Error> {
    let connect = async {
        let mut connection = options.connect().await?;
        prepare(&mut connection, Arc::clone(session)).await?;
        let _ = connection.close().await;
        pool.acquire().await.map(drop)
    };
    connect.await.map_err(Error::of_driver::<DB>)
}

/// Whether it may be well in a moment: the server starts, or is full.
fn may_come(kind: Kind) -> bool {
    matches!(kind, Kind::ConnectionLost | Kind::PoolExhausted | Kind::TooManyConnections)
}
