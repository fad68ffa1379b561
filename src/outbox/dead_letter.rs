use std::fmt;
use std::time::Duration;

use uuid::Uuid;

use super::failure_log::with_advice;
use super::{Outbox, queries};
use crate::sql::Row;
use crate::store::{Error, Session};
use crate::time::Timestamp;

/// An event that failed too often and is no longer tried. If it has a key, the later events of the key wait for it.
#[derive(Clone)]
#[non_exhaustive]
pub struct DeadLetter {
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
    pub last_attempt_at: Timestamp,
}

/// The undelivered events of an outbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Backlog {
    /// Events that are not delivered yet, whatever they wait for.
    pub pending: u64,
    /// The dead letters among them. An event that waits behind a dead letter is pending and not a dead letter.
    pub dead_letters: u64,
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
        let row = queries::backlog().fetch_one(on).await.map_err(with_advice)?;
        let number = |name| Ok::<_, Error>(row.get::<i64>(name)?.unsigned_abs());
        // The clock may have been set back.
        let oldest =
            row.get::<Option<i64>>("oldest")?.map(|age| Duration::from_micros(u64::try_from(age).unwrap_or(0)));
        Ok(Backlog { pending: number("pending")?, dead_letters: number("dead_letters")?, oldest })
    }

    /// The dead letters, the oldest first; at most `limit`.
    ///
    /// # Errors
    ///
    /// The database's error.
    pub async fn dead_letters(&self, on: &mut Session, limit: u32) -> Result<Vec<DeadLetter>, Error> {
        queries::dead_letters(limit).fetch_all(on).await.map_err(with_advice)?.iter().map(dead_letter).collect()
    }

    /// Makes a dead letter due again, as if it had never been tried. Returns whether the event was a dead letter.
    ///
    /// # Errors
    ///
    /// The database's error.
    pub async fn retry(&self, on: &mut Session, id: Uuid) -> Result<bool, Error> {
        let retried = queries::retry(id).execute(on).await.map_err(with_advice)? > 0;
        on.wake_after_commit(&self.wake);
        Ok(retried)
    }

    /// Gives up a dead letter: it is deleted, and the later events of its key go on. Returns whether the event was one.
    ///
    /// # Errors
    ///
    /// The database's error.
    pub async fn discard(&self, on: &mut Session, id: Uuid) -> Result<bool, Error> {
        let behind = queries::behind(id).fetch_optional(on).await.map_err(with_advice)?;
        let next: Option<Uuid> = behind.map_or(Ok(None), |row| row.get("next"))?;
        let discarded = queries::discard(id).execute(on).await? > 0;
        if let (true, Some(next)) = (discarded, next) {
            queries::next(vec![next]).execute(on).await?;
        }
        on.wake_after_commit(&self.wake);
        Ok(discarded)
    }
}

fn dead_letter(row: &Row) -> Result<DeadLetter, Error> {
    Ok(DeadLetter {
        id: row.get("id")?,
        kind: row.get("kind")?,
        key: row.get("event_key")?,
        sequence: row.get("sequence")?,
        attempts: row.get("attempts")?,
        behind: row.get("behind")?,
        created_at: row.get("created_at")?,
        last_attempt_at: row.get("parked_at")?,
    })
}

impl fmt::Debug for DeadLetter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, kind, key, sequence, attempts, behind, .. } = self;
        let mut debug = f.debug_struct("DeadLetter");
        debug.field("id", id).field("kind", kind).field("key", key).field("sequence", sequence);
        debug.field("attempts", attempts).field("behind", behind).finish_non_exhaustive()
    }
}
