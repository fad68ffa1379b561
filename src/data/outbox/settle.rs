use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use super::counts::{Counting, add};
use super::queries;
use super::settings::Settings;
use crate::data::sql::Row;
use crate::data::{Error, Session, Store};

/// What became of an event that was claimed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ended {
    pub(super) id: Uuid,
    pub(super) token: Uuid,
    pub(super) ending: Ending,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    Delivered,
    /// The attempt with this number failed.
    Failed(u32),
    /// It was not tried to its end.
    Released,
}

/// Whose the events of a claim are. A claim is over when somebody has made another one.
#[derive(Debug, Default)]
struct Standing {
    /// They are ours, and locked.
    held: BTreeSet<Uuid>,
    /// Somebody else has locked them: to look if they may be claimed, or to claim them, or to stop in the middle of that.
    busy: BTreeSet<Uuid>,
}

/// Writes down what became of events, as far as they are still ours, and takes them off the list. What is locked by
/// somebody else is not waited for, and stays on it.
pub(super) async fn settle(
    store: &Store,
    ended: &mut Vec<Ended>,
    settings: &Settings,
    counting: &Counting,
) -> Result<(), Error> {
    let mut claims = BTreeMap::<Uuid, Vec<Ended>>::new();
    for one in &*ended {
        claims.entry(one.token).or_default().push(*one);
    }
    let standings = store
        .transaction(async |tx| {
            let mut standings = BTreeMap::new();
            for (token, ended) in &claims {
                let standing = standing(tx, *token, ended).await?;
                write(tx, ended.iter().filter(|one| standing.held.contains(&one.id)), settings).await?;
                standings.insert(*token, standing);
            }
            Ok::<_, Error>(standings)
        })
        .await?;
    ended.retain(|one| {
        let standing = standings.get(&one.token);
        let busy = standing.is_some_and(|standing| standing.busy.contains(&one.id));
        if !busy {
            count(one, standing.is_some_and(|standing| standing.held.contains(&one.id)), settings, counting);
        }
        busy
    });
    Ok(())
}

async fn standing(tx: &mut Session, token: Uuid, ended: &[Ended]) -> Result<Standing, Error> {
    let ids: Vec<Uuid> = ended.iter().map(|one| one.id).collect();
    let held = set(&queries::held(ids.clone(), token).fetch_all(tx).await?)?;
    if held.len() == ids.len() {
        return Ok(Standing { held, busy: BTreeSet::new() });
    }
    let ours = set(&queries::ours(ids, token).fetch_all(tx).await?)?;
    let busy = ours.difference(&held).copied().collect();
    Ok(Standing { held, busy })
}

fn set(rows: &[Row]) -> Result<BTreeSet<Uuid>, Error> {
    rows.iter().map(|row| row.get("id")).collect()
}

/// Writes down what became of events that are locked.
async fn write(tx: &mut Session, ended: impl Iterator<Item = &Ended>, settings: &Settings) -> Result<(), Error> {
    let (mut kept, mut released) = (Vec::new(), Vec::new());
    for Ended { id, ending, .. } in ended {
        match *ending {
            Ending::Delivered if settings.keep.is_some() => kept.push(*id),
            Ending::Delivered => {
                queries::delete(*id).execute(tx).await?;
            }
            Ending::Failed(attempt) if attempt >= settings.attempts => {
                queries::park(vec![*id]).execute(tx).await?;
            }
            Ending::Failed(attempt) => {
                queries::put_off(*id, settings.backoff.after(attempt)).execute(tx).await?;
            }
            Ending::Released => released.push(*id),
        }
    }
    if !kept.is_empty() {
        queries::keep(kept).execute(tx).await?;
    }
    if !released.is_empty() {
        queries::release(released).execute(tx).await?;
    }
    Ok(())
}

fn count(one: &Ended, held: bool, settings: &Settings, counting: &Counting) {
    match one.ending {
        Ending::Released => {}
        _ if !held => {
            tracing::warn!(event.id = %one.id, "the lease of an event was over before its publisher was done");
            add(&counting.late, 1);
        }
        Ending::Delivered => add(&counting.delivered, 1),
        Ending::Failed(attempt) => {
            add(&counting.failed, 1);
            if attempt >= settings.attempts {
                tracing::error!(event.id = %one.id, attempt, "an event failed too often and is parked");
                add(&counting.parked, 1);
            }
        }
    }
}
