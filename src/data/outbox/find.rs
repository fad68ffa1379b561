use uuid::Uuid;

use super::queries;
use crate::data::{Error, Session};

/// How many rows are asked for at once.
const PAGE: usize = 256;

/// Finds heads: of each lane, the event that is next.
///
/// It goes through the lanes in their order and jumps over the rest of a lane, so that neither a long queue behind one key
/// nor many keys that wait cost more than a question for each few hundred. It goes on where it stopped: no lane is served twice before
/// the others were served.
#[derive(Debug, Default)]
pub(super) struct Finder {
    /// The last lane that was taken.
    lane: String,
}

impl Finder {
    /// Up to `room` heads that may be claimed.
    ///
    /// What is found stays a head until it is delivered: events of a key become visible in their order, because the row
    /// that counts them is locked until their commit. So it does not matter how old the look is, or if a replica gave it.
    pub(super) async fn find(&mut self, on: &mut Session, room: usize) -> Result<Vec<Uuid>, Error> {
        let start = self.lane.clone();
        let mut found = Vec::new();
        let (mut lane, mut again) = (start.clone(), false);
        loop {
            // Given up half-way, the next look goes on here.
            self.lane.clone_from(&lane);
            let rows = queries::waiting(&lane, PAGE as i64).fetch_all(on).await?;
            for row in &rows {
                let next: String = row.get("lane")?;
                if again && next > start {
                    self.lane.clear();
                    return Ok(found);
                }
                if std::mem::replace(&mut lane, next) == lane {
                    continue;
                }
                if row.get::<i64>("due")? == 1 {
                    found.push(row.get("id")?);
                    if found.len() == room {
                        self.lane = lane;
                        return Ok(found);
                    }
                }
            }
            if rows.len() < PAGE {
                if again || start.is_empty() {
                    self.lane.clear();
                    return Ok(found);
                }
                (lane, again) = (String::new(), true);
            }
        }
    }
}
