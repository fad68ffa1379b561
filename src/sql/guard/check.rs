//! Whether a database answers.

use std::pin::pin;
use std::time::Duration;

use futures_util::future::{Either, select};

use crate::sql::SqlDatabase;
use crate::sql::guard::Conn;
use crate::sql::interrupt::Single;
use crate::sql::source::ConnectionSource;
use crate::store::{Error, ErrorKind};

/// How often to check whether a session holds the only connection.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// Whether a pool has a connection that answers. If a session holds the pool's only connection, the check does not wait
/// for it: the connection is busy and comes back. If no session holds it and it does not come back, it is lost.
pub(in crate::sql) async fn answers<DB: SqlDatabase>(source: &ConnectionSource<DB>) -> Result<(), Error> {
    let Some(single) = source.single() else { return ask(source).await };
    if single.is_held() {
        return Ok(());
    }
    let unnoticed = source.unnoticed();
    match select(pin!(ask(&unnoticed)), pin!(held(single))).await {
        // A transaction of this task holds the only writer.
        Either::Left((Err(error), _)) if error.kind() == ErrorKind::WouldDeadlock => Ok(()),
        Either::Left((answer, _)) => answer,
        Either::Right(((), _)) => Ok(()),
    }
}

/// Uses a `Conn`, so that a check that is given up closes the connection that it was waiting for.
async fn ask<DB: SqlDatabase>(source: &ConnectionSource<DB>) -> Result<(), Error> {
    let mut conn = Conn::new(source.clone(), false);
    conn.ready().await?;
    conn.check().await
}

async fn held(single: &Single) {
    while !single.is_held() {
        tokio::time::sleep(LOOK_EVERY).await;
    }
}
