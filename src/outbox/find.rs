use std::collections::HashSet;

use uuid::Uuid;

use super::queries;
use crate::store::{Error, Session, Store};

/// The result of one look for due events.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Events that may be claimed: each is the next one of its lane.
    pub(super) heads: Vec<Uuid>,
    /// Events that are due but wait for another one. Empty unless so many were found that they left out events that
    /// could be claimed.
    pub(super) behind: Vec<Behind>,
    /// How many rows were read.
    pub(super) rows: usize,
    /// Whether there may be more.
    pub(super) more: bool,
}

/// How many of the longest-due events to pass over, because other transactions have them locked.
#[derive(Debug, Default)]
pub(super) struct LockedOffset {
    rows: usize,
    /// How many looks go by before the passed-over events are tried again.
    looks: u32,
}

/// The most events that are skipped.
const MOST_SKIPPED: usize = 10_000;

impl LockedOffset {
    /// Records that a look met `locked` locked events. Returns whether to look on at once.
    pub(super) fn looked(&mut self, more: bool, locked: usize) -> bool {
        let go_on = more && self.rows + locked <= MOST_SKIPPED;
        match locked {
            _ if !go_on => *self = Self::default(),
            0 => {
                self.looks = self.looks.saturating_sub(1);
                self.rows = if self.looks == 0 { 0 } else { self.rows };
            }
            _ => (self.rows, self.looks) = (self.rows + locked, self.looks + 1),
        }
        go_on
    }
}

/// An event that waits for the next one of its lane.
#[derive(Debug, Clone, Copy)]
pub(super) struct Behind {
    id: Uuid,
    head: Uuid,
}

/// How many rows are read beyond the available room, because some of the events may have to wait for others.
const MORE: usize = 64;

/// Finds up to `room` heads that may be claimed, the longest-due first, without those that are skipped.
///
/// It reads only due events: none that wait for later, no dead letters, and no keys without events. A head stays a head
/// until it is delivered: events of a key become visible in order, because the row that counts them is locked until
/// their commit. So it does not matter how old this result is when it is used.
pub(super) async fn find(on: &mut Session, room: usize, skipped: &LockedOffset) -> Result<Found, Error> {
    let page = room + MORE;
    let rows = queries::due(page as i64, skipped.rows as i64).fetch_all(on).await?;
    let (mut heads, mut behind) = (Vec::new(), Vec::new());
    for row in &rows {
        let id = row.get("id")?;
        match row.get::<Option<Uuid>>("head")? {
            None => heads.push(id),
            Some(head) => behind.push(Behind { id, head }),
        }
    }
    let more = rows.len() == page || heads.len() > room;
    // As long as the waiting events are few, reading them again costs less than putting them off.
    if rows.len() < page || heads.len() >= room {
        behind.clear();
    }
    heads.truncate(room);
    Ok(Found { heads, behind, rows: rows.len(), more })
}

/// Puts events off until the one before them is gone, or for some time, so that they are no longer in the way. Returns
/// how many still are, because another transaction has locked them.
///
/// The relay that delivers the earlier event makes the next one due. Both lock the head, so no event is put off for
/// long after its turn has come. If another transaction has locked the head, the events wait only for a moment.
pub(super) async fn put_off(store: &Store, behind: &[Behind]) -> Result<usize, Error> {
    let all = HashSet::<Uuid>::from_iter(behind.iter().flat_map(|one| [one.id, one.head]));
    store
        .transaction(async |tx| {
            let rows = queries::waiting(all.iter().copied().collect()).fetch_all(tx).await?;
            let locked = rows.iter().map(|row| row.get("id")).collect::<Result<HashSet<Uuid>, _>>()?;
            let free = behind.iter().filter(|one| locked.contains(&one.id));
            let (sure, unsure): (Vec<_>, Vec<_>) = free.partition(|one| locked.contains(&one.head));
            let ids = |of: Vec<&Behind>| of.into_iter().map(|one| one.id).collect::<Vec<_>>();
            let put_off = sure.len() + unsure.len();
            if !sure.is_empty() {
                queries::wait_behind(ids(sure)).execute(tx).await?;
            }
            if !unsure.is_empty() {
                queries::wait_a_moment(ids(unsure)).execute(tx).await?;
            }
            Ok(behind.len() - put_off)
        })
        .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_locked_is_passed_over_for_some_looks_and_not_for_ever() {
        let mut skipped = LockedOffset::default();
        let looks = [(true, 5), (true, 5), (true, 0), (true, 0), (true, 3), (false, 3)];
        let rows = looks.map(|(more, locked)| {
            assert_eq!(skipped.looked(more, locked), more);
            skipped.rows
        });
        assert_eq!(rows, [5, 10, 10, 0, 3, 0]);
        assert!(!skipped.looked(true, MOST_SKIPPED + 1), "where all is locked, there is an end");
    }
}
