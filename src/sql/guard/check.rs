//! Whether a database answers.

use std::pin::pin;
use std::time::Duration;

use futures_util::future::{Either, select};

use crate::sql::SqlDatabase;
use crate::sql::guard::Conn;
use crate::sql::interrupt::Single;
use crate::sql::lease::Lease;
use crate::store::{Error, Kind};

/// How often it is looked whether somebody works with the only connection.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// Whether a pool has a connection that answers. The only connection of a pool is not waited for while a session has it:
/// it is busy, and comes back. One that nobody has, and that does not come back, is lost.
pub(in crate::sql) async fn answers<DB: SqlDatabase>(lease: &Lease<DB>) -> Result<(), Error> {
    let Some(single) = lease.single() else { return ask(lease).await };
    if single.is_held() {
        return Ok(());
    }
    let unnoticed = lease.unnoticed();
    match select(pin!(ask(&unnoticed)), pin!(held(single))).await {
        // The only writer belongs to a transaction of this very task.
        Either::Left((Err(error), _)) if error.kind() == Kind::WouldDeadlock => Ok(()),
        Either::Left((answer, _)) => answer,
        Either::Right(((), _)) => Ok(()),
    }
}

/// In the conn's care: a check that is given up closes what it was waiting for.
async fn ask<DB: SqlDatabase>(lease: &Lease<DB>) -> Result<(), Error> {
    let mut conn = Conn::new(lease.clone(), false);
    conn.ready().await?;
    conn.check().await
}

async fn held(single: &Single) {
    while !single.is_held() {
        tokio::time::sleep(LOOK_EVERY).await;
    }
}
