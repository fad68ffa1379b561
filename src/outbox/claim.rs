use std::collections::BTreeMap;

use uuid::Uuid;

use super::delivery::Content;
use super::settings::RelaySettings;
use super::{Delivery, queries, write};
use crate::sql::Row;
use crate::store::{Error, ErrorKind, Store};

/// Events that this relay owns until the lease ends.
#[derive(Debug)]
pub(super) struct Claimed {
    /// Identifies this claim: a later claim of the same event has another token.
    pub(super) token: Uuid,
    pub(super) deliveries: Vec<Delivery>,
    /// Events that became dead letters when they were claimed, each with the reason.
    pub(super) dead_letters: Vec<(Uuid, Error)>,
}

/// Claims those of the found heads that can still be claimed.
pub(super) async fn claim(store: &Store, heads: &[Uuid], settings: &RelaySettings) -> Result<Claimed, Error> {
    let token = write::new_id()?;
    store
        .transaction(async |tx| {
            let rows = queries::lock(heads.to_vec()).fetch_all(tx).await?;
            let mut claimed = Claimed { token, deliveries: Vec::new(), dead_letters: Vec::new() };
            for row in &rows {
                match delivery(row) {
                    Ok(delivery) if delivery.attempt() > settings.attempts => {
                        claimed.dead_letters.push((delivery.id(), without_result()));
                    }
                    Ok(delivery) => claimed.deliveries.push(delivery),
                    // Another program wrote this event. It must not keep the other events from being claimed.
                    Err(error) => claimed.dead_letters.push((row.get("id")?, error)),
                }
            }
            if !claimed.deliveries.is_empty() {
                let ids = claimed.deliveries.iter().map(Delivery::id).collect();
                queries::claim(ids, token, settings.lease).execute(tx).await?;
            }
            if !claimed.dead_letters.is_empty() {
                let ids = claimed.dead_letters.iter().map(|(id, _)| *id).collect();
                queries::mark_dead(ids).execute(tx).await?;
            }
            Ok(claimed)
        })
        .await
}

/// The event as it will be once it is claimed.
fn delivery(row: &Row) -> Result<Delivery, Error> {
    let headers: String = row.get("headers")?;
    let headers: BTreeMap<String, String> =
        serde_json::from_str(&headers).map_err(|_| Error::corrupt("the headers of an event"))?;
    let attempt = row.get::<i64>("attempts")?.saturating_add(1);
    Ok(Delivery::new(Content {
        id: row.get("id")?,
        kind: row.get("kind")?,
        key: row.get("event_key")?,
        sequence: row.get("sequence")?,
        payload: row.get("payload")?,
        headers,
        created_at: row.get("created_at")?,
        attempt: u32::try_from(attempt).unwrap_or(u32::MAX),
        claims: row.get::<i64>("claims")?.saturating_add(1),
    }))
}

/// The error of an event whose relays were gone before they could report how their attempts ended.
fn without_result() -> Error {
    Error::new(ErrorKind::Other).because("the event was tried too often, and its attempts ended without a result")
}
