use std::time::Duration;

use super::failure_log::with_advice;
use super::{Outbox, queries};
use crate::store::{Error, Session};

/// How far the relays are behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Lag {
    /// Due events that are not with a publisher, including those that wait behind another of them; counted up to
    /// [`Lag::MOST`]. Failed events that are to be tried later are not included, and neither are dead letters.
    pub due: u64,
    /// How long the oldest event that waits for no other one has been due; `None` if there is none.
    pub oldest: Option<Duration>,
}

/// How many due events are searched for the oldest one that waits for no other.
const AMONG: i64 = 1_000;

impl Lag {
    /// The highest count.
    pub const MOST: u64 = 10_000;
}

impl Outbox {
    /// How far the relays are behind, for metrics. It reads at most [`Lag::MOST`] entries of an index, however many
    /// events wait.
    ///
    /// ```
    /// # #[cfg(feature = "sqlite")]
    /// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
    /// use buttress::outbox::{Event, Outbox};
    /// use buttress::store::{Error, Store};
    ///
    /// let store = Store::connect("sqlite::memory:").await?;
    /// let outbox = Outbox::new();
    /// outbox.migrate(&store).await?;
    /// store.transaction(async |tx| outbox.write(tx, Event::new("order-placed").key(17)).await).await?;
    ///
    /// let lag = outbox.lag(&mut store.session()).await?;
    /// assert_eq!((lag.due, lag.oldest.is_some()), (1, true));
    /// # Ok::<_, Error>(())
    /// # }).unwrap();
    /// ```
    ///
    /// # Errors
    ///
    /// The database's error.
    pub async fn lag(&self, on: &mut Session) -> Result<Lag, Error> {
        let row = queries::lag(Lag::MOST as i64, AMONG).fetch_one(on).await.map_err(with_advice)?;
        // The clock may have been set back.
        let oldest =
            row.get::<Option<i64>>("oldest")?.map(|age| Duration::from_micros(u64::try_from(age).unwrap_or(0)));
        Ok(Lag { due: row.get::<i64>("due")?.unsigned_abs(), oldest })
    }
}
