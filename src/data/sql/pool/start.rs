use std::time::Duration;

use sqlx::Pool;
use tokio::time::{Instant, sleep};

use super::Settings;
use crate::data::sql::SqlDatabase;
use crate::data::{Error, Kind};

/// The longest pause between two attempts.
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// Waits for the first connection of a pool, unless that is left to its first user.
pub(super) async fn started<DB: SqlDatabase>(pool: Pool<DB>, settings: &Settings) -> Result<Pool<DB>, Error> {
    if settings.lazy {
        return Ok(pool);
    }
    let end = Instant::now() + settings.start_within;
    let mut pause = Duration::from_millis(50);
    loop {
        let acquired = tokio::time::timeout_at(end, pool.acquire()).await;
        let error = match acquired {
            Ok(Ok(_)) => return Ok(pool),
            Ok(Err(error)) => Error::of_driver::<DB>(error),
            Err(_) => return Err(Error::new(Kind::ConnectionLost).caused_by("the server did not answer in time")),
        };
        if !may_pass(error.kind()) || Instant::now() + pause >= end {
            return Err(error);
        }
        // Instances that start together should not all come back at once.
        sleep(pause.mul_f64(0.5 + fastrand::f64() / 2.0)).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// Whether it may be well in a moment: the server starts, is full, or for SQLite, is changed by another process.
fn may_pass(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::ConnectionLost | Kind::PoolExhausted | Kind::TooManyConnections | Kind::LockTimeout | Kind::Deadlock
    )
}
