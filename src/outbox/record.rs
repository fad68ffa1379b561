use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use super::queries;
use super::settings::RelaySettings;
use super::stats::Counters;
use crate::sql::Row;
use crate::store::{Error, Session, Store};
use crate::telemetry::targets::OUTBOX;

/// A claimed event, and how its attempt ended.
#[derive(Debug, Clone, Copy)]
pub(super) struct EndedAttempt {
    pub(super) id: Uuid,
    pub(super) token: Uuid,
    pub(super) end: AttemptEnd,
}

impl EndedAttempt {
    const fn claim(&self) -> (Uuid, Uuid) {
        (self.id, self.token)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AttemptEnd {
    Delivered,
    /// The attempt with this number failed.
    Failed(u32),
    /// The attempt was not finished.
    Released,
}

/// The state of claims. A claim is an event and a token; it is over when the event was claimed again.
#[derive(Debug, Default)]
struct ClaimStates {
    /// Claims that are this relay's and locked, each with the event that follows in its lane.
    owned: BTreeMap<(Uuid, Uuid), Option<Uuid>>,
    /// Claims that another transaction has locked: that transaction checks whether the event may be claimed, or claims
    /// it, or stopped in the middle of that.
    locked: BTreeSet<(Uuid, Uuid)>,
}

/// Records what became of the events that this relay still owns, and takes them off the list. It does not wait for
/// events that another transaction has locked; they stay on the list. Returns whether other events became due.
pub(super) async fn record(
    store: &Store,
    ended: &mut Vec<EndedAttempt>,
    settings: &RelaySettings,
    counters: &Counters,
) -> Result<bool, Error> {
    let all = &*ended;
    let (states, next) = store
        .transaction(async |tx| {
            let states = states(tx, all).await?;
            let next = write(tx, by_end(all, &states, settings), settings).await?;
            Ok::<_, Error>((states, next))
        })
        .await?;
    ended.retain(|one| {
        let locked = states.locked.contains(&one.claim());
        if !locked {
            count(one, states.owned.contains_key(&one.claim()), settings, counters);
        }
        locked
    });
    Ok(next)
}

async fn states(tx: &mut Session, ended: &[EndedAttempt]) -> Result<ClaimStates, Error> {
    let claims: BTreeSet<_> = ended.iter().map(EndedAttempt::claim).collect();
    let ids: BTreeSet<Uuid> = claims.iter().map(|(id, _)| *id).collect();
    let mut states = ClaimStates::default();
    for row in queries::owned(ids.iter().copied().collect()).fetch_all(tx).await? {
        let claim = claim(&row)?;
        if claims.contains(&claim) {
            states.owned.insert(claim, row.get("next")?);
        }
    }
    if states.owned.len() < claims.len() {
        for row in queries::claimants(ids.into_iter().collect()).fetch_all(tx).await? {
            let claim = claim(&row)?;
            if claims.contains(&claim) && !states.owned.contains_key(&claim) {
                states.locked.insert(claim);
            }
        }
    }
    Ok(states)
}

fn claim(row: &Row) -> Result<(Uuid, Uuid), Error> {
    Ok((row.get("id")?, row.get("claimed_by")?))
}

/// Locked events, sorted by how their attempts ended.
#[derive(Debug, Default)]
struct ByEnd {
    delivered: Vec<Uuid>,
    dead_letters: Vec<Uuid>,
    released: Vec<Uuid>,
    /// By the number of the attempt.
    failed: BTreeMap<u32, Vec<Uuid>>,
    /// The events that follow the delivered ones.
    next: Vec<Uuid>,
}

fn by_end(ended: &[EndedAttempt], states: &ClaimStates, settings: &RelaySettings) -> ByEnd {
    let mut sorted = ByEnd::default();
    for one in ended {
        let Some(next) = states.owned.get(&one.claim()) else { continue };
        match one.end {
            AttemptEnd::Delivered => {
                sorted.delivered.push(one.id);
                sorted.next.extend(*next);
            }
            AttemptEnd::Failed(attempt) if attempt >= settings.attempts => sorted.dead_letters.push(one.id),
            AttemptEnd::Failed(attempt) => sorted.failed.entry(attempt).or_default().push(one.id),
            AttemptEnd::Released => sorted.released.push(one.id),
        }
    }
    sorted
}

/// Records what became of events. Returns whether others became due.
async fn write(tx: &mut Session, sorted: ByEnd, settings: &RelaySettings) -> Result<bool, Error> {
    let ByEnd { delivered, dead_letters, released, failed, next } = sorted;
    let due = !next.is_empty();
    // In groups of 16, each with its own random pause, so that events that failed together do not come back together.
    let put_off = failed.iter().flat_map(|(attempt, ids)| ids.chunks(16).map(|some| (*attempt, some.to_vec())));
    let mut statements = Vec::from_iter(put_off.map(|(n, some)| queries::put_off(some, settings.backoff.after(n))));
    if !delivered.is_empty() {
        let keep = settings.keep.is_some();
        statements.push(if keep { queries::keep(delivered) } else { queries::delete(delivered) });
    }
    // Made due only now, so that the events of one key take turns with those of others, however long they have waited
    // behind one another.
    let others =
        [(dead_letters, queries::mark_dead as fn(_) -> _), (released, queries::release), (next, queries::next)];
    statements.extend(others.into_iter().filter(|(ids, _)| !ids.is_empty()).map(|(ids, query)| query(ids)));
    for statement in statements {
        statement.execute(tx).await?;
    }
    Ok(due)
}

fn count(one: &EndedAttempt, owned: bool, settings: &RelaySettings, counters: &Counters) {
    match one.end {
        AttemptEnd::Released => {}
        _ if !owned => {
            tracing::warn!(target: OUTBOX, { event.id = %one.id }, "the lease of an event was over before its publisher was done");
            counters.late.add(1);
        }
        AttemptEnd::Delivered => counters.delivered.add(1),
        AttemptEnd::Failed(attempt) => {
            counters.failed.add(1);
            if attempt >= settings.attempts {
                tracing::error!(target: OUTBOX, { event.id = %one.id, attempt }, "an event failed too often and is a dead letter");
                counters.dead_letters.add(1);
            }
        }
    }
}
