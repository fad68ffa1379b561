use std::fmt;
use std::time::Duration;

use uuid::Uuid;

use super::trouble::explained;
use super::{Outbox, queries};
use crate::sql::Row;
use crate::store::{Error, Session};
use crate::time::Timestamp;

/// An event that failed too often and is no longer tried. If it has a key, the later events of the key wait for it.
#[derive(Clone)]
#[non_exhaustive]
pub struct Parked {
    /// The event's id.
    pub id: Uuid,
    /// The event's kind: what happened.
    pub kind: String,
    /// The event's key: the thing that it happened to, if order matters.
    pub key: Option<String>,
    /// Its place among the events of its key.
    pub sequence: i64,
    /// How often it was tried.
    pub attempts: i64,
    /// How many later events of the key wait for it.
    pub behind: i64,
    /// When it was written.
    pub created_at: Timestamp,
    /// When it was tried for the last time.
    pub parked_at: Timestamp,
}

/// The undelivered events of an outbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Backlog {
    /// Events that are not delivered yet, whatever they wait for.
    pub pending: u64,
    /// The parked ones among them; an event that waits behind a parked one is pending and not parked.
    pub parked: u64,
    /// The age of the oldest event that is not delivered yet.
    pub oldest: Option<Duration>,
}

impl Outbox {
    /// How many events wait. It counts them row by row: for metrics that are read often, use [`lag`](Self::lag), which
    /// costs the same however many there are.
    ///
    /// # Errors
    ///
    /// The database's error.
    pub async fn backlog(&self, on: &mut Session) -> Result<Backlog, Error> {
        let row = queries::backlog().fetch_one(on).await.map_err(explained)?;
        let number = |name| Ok::<_, Error>(row.get::<i64>(name)?.unsigned_abs());
        // The clock may have been set back.
        let oldest =
            row.get::<Option<i64>>("oldest")?.map(|age| Duration::from_micros(u64::try_from(age).unwrap_or(0)));
        Ok(Backlog { pending: number("pending")?, parked: number("parked")?, oldest })
    }

    /// The parked events, the longest-parked first; at most `limit`.
    ///
    /// # Errors
    ///
    /// The database's error.
    pub async fn parked(&self, on: &mut Session, limit: u32) -> Result<Vec<Parked>, Error> {
        queries::parked(limit).fetch_all(on).await.map_err(explained)?.iter().map(parked).collect()
    }

    /// Makes a parked event due again, as if it had never been tried. Returns whether it was parked.
    ///
    /// # Errors
    ///
    /// The database's error.
    pub async fn resume(&self, on: &mut Session, id: Uuid) -> Result<bool, Error> {
        let resumed = queries::resume(id).execute(on).await.map_err(explained)? > 0;
        on.wake_after_commit(&self.wake);
        Ok(resumed)
    }

    /// Gives up a parked event: it is deleted, and the later events of its key go on. Returns whether it was parked.
    ///
    /// # Errors
    ///
    /// The database's error.
    pub async fn skip(&self, on: &mut Session, id: Uuid) -> Result<bool, Error> {
        let behind = queries::behind(id).fetch_optional(on).await.map_err(explained)?;
        let next: Option<Uuid> = behind.map_or(Ok(None), |row| row.get("next"))?;
        let skipped = queries::skip(id).execute(on).await? > 0;
        if let (true, Some(next)) = (skipped, next) {
            queries::next(vec![next]).execute(on).await?;
        }
        on.wake_after_commit(&self.wake);
        Ok(skipped)
    }
}

fn parked(row: &Row) -> Result<Parked, Error> {
    Ok(Parked {
        id: row.get("id")?,
        kind: row.get("kind")?,
        key: row.get("event_key")?,
        sequence: row.get("sequence")?,
        attempts: row.get("attempts")?,
        behind: row.get("behind")?,
        created_at: row.get("created_at")?,
        parked_at: row.get("parked_at")?,
    })
}

impl fmt::Debug for Parked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, kind, key, sequence, attempts, behind, .. } = self;
        let mut debug = f.debug_struct("Parked");
        debug.field("id", id).field("kind", kind).field("key", key).field("sequence", sequence);
        debug.field("attempts", attempts).field("behind", behind).finish_non_exhaustive()
    }
}
