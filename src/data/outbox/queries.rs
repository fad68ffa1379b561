//! What is asked of the database. All times are by its clock, so that relays need not agree on theirs.
//!
//! A writer may be slow to commit, and a relay may stop in the middle of a transaction. Nothing that a relay asks waits for
//! them: events are looked for without locks, and what is locked and changed is found by its id. In a small table, MySQL
//! would rather read all rows than look a few up, and lock them on its way. It can be told not to, except for a `DELETE`,
//! which is why that is of one row at a time; an `UPDATE` passes over what others have locked and what it has not to change.

use std::time::Duration;

use uuid::Uuid;

use super::Event;
use crate::data::sql::{Statement, sql};

/// Takes the next number of a key, and keeps others from taking one until the transaction ends.
pub(super) fn count(key: &str) -> Statement<'_> {
    sql("INSERT INTO buttress_outbox_keys AS k (name, last) VALUES (?, 1)
         ON CONFLICT (name) DO UPDATE SET last = k.last + 1")
    .mysql("INSERT INTO buttress_outbox_keys (name, last) VALUES (?, 1) ON DUPLICATE KEY UPDATE last = last + 1")
    .bind(key)
}

pub(super) fn insert<'q>(id: Uuid, event: &'q Event, headers: &'q str) -> Statement<'q> {
    let lane = event.key.clone().unwrap_or_else(|| id.to_string());
    let statement = sql("INSERT INTO buttress_outbox
        (id, event_key, lane, kind, headers, payload, created_at, due_at, sequence) SELECT ?, ?, ?, ?, ?, ?,")
    .bind(id)
    .bind(event.key.as_deref())
    .bind(lane)
    .bind(&event.kind)
    .bind(headers)
    .bind(&event.payload);
    let statement = now(now(statement).push(",")).push(",");
    match &event.key {
        Some(key) => statement.push("last FROM buttress_outbox_keys WHERE name = ?").bind(key),
        None => statement.push("0"),
    }
}

/// What waits, in the order of lanes, from the one after `lane` on: the first of each lane is the head of it.
pub(super) fn waiting(lane: &str, limit: i64) -> Statement<'_> {
    let due = "CASE WHEN parked_at IS NULL AND due_at <=";
    let statement = sql("SELECT id, lane,").mysql("SELECT id, CONVERT(lane USING utf8mb4) AS lane,").push(due);
    now(statement)
        .push("THEN 1 ELSE 0 END AS due FROM buttress_outbox o WHERE o.lane > ? ORDER BY o.lane, o.sequence LIMIT ?")
        .bind(lane)
        .bind(limit)
}

/// Locks those of the events that may still be claimed, and that nobody else is just claiming.
pub(super) fn lock<'q>(ids: Vec<Uuid>) -> Statement<'q> {
    let statement =
        from_rows(sql("SELECT id, event_key, sequence, kind, headers, payload, created_at, attempts, claims"))
            .push("WHERE lane IS NOT NULL AND parked_at IS NULL AND due_at <=");
    now(statement).push("AND id IN").push_list(ids).push("FOR UPDATE SKIP LOCKED").sqlite("")
}

/// Claims events that are locked.
pub(super) fn claim<'q>(ids: Vec<Uuid>, token: Uuid, lease: Duration) -> Statement<'q> {
    let statement =
        sql("UPDATE buttress_outbox SET attempts = attempts + 1, claims = claims + 1, claimed_by = ?, due_at =");
    after(statement.bind(token), lease).push("WHERE id IN").push_list(ids)
}

/// Locks those of the events that are still held by a claim, and that nobody else is just claiming.
pub(super) fn held<'q>(ids: Vec<Uuid>, token: Uuid) -> Statement<'q> {
    from_rows(sql("SELECT id"))
        .push("WHERE claimed_by = ? AND id IN")
        .bind(token)
        .push_list(ids)
        .push("FOR UPDATE SKIP LOCKED")
        .sqlite("")
}

/// Those of the events that are held by a claim, locked or not.
pub(super) fn ours<'q>(ids: Vec<Uuid>, token: Uuid) -> Statement<'q> {
    sql("SELECT id FROM buttress_outbox WHERE claimed_by = ? AND id IN").bind(token).push_list(ids)
}

/// What is done with events that are locked.
pub(super) fn park<'q>(ids: Vec<Uuid>) -> Statement<'q> {
    now(sql("UPDATE buttress_outbox SET claimed_by = NULL, parked_at =")).push("WHERE id IN").push_list(ids)
}

pub(super) fn delete<'q>(id: Uuid) -> Statement<'q> {
    sql("DELETE FROM buttress_outbox WHERE id = ?").bind(id)
}

pub(super) fn keep<'q>(ids: Vec<Uuid>) -> Statement<'q> {
    now(sql("UPDATE buttress_outbox SET lane = NULL, claimed_by = NULL, delivered_at ="))
        .push("WHERE id IN")
        .push_list(ids)
}

pub(super) fn put_off<'q>(id: Uuid, pause: Duration) -> Statement<'q> {
    after(sql("UPDATE buttress_outbox SET claimed_by = NULL, due_at ="), pause).push("WHERE id = ?").bind(id)
}

/// What was not tried to its end does not count as an attempt.
pub(super) fn release<'q>(ids: Vec<Uuid>) -> Statement<'q> {
    now(sql("UPDATE buttress_outbox SET claimed_by = NULL, attempts = attempts - 1, due_at ="))
        .push("WHERE id IN")
        .push_list(ids)
}

/// Some of what was delivered longer ago.
pub(super) fn outdated<'q>(keep: Duration) -> Statement<'q> {
    sql("SELECT id FROM buttress_outbox WHERE delivered_at <= UTC_TIMESTAMP(6) - INTERVAL ? MICROSECOND LIMIT 500")
        .postgres(
            "SELECT id FROM buttress_outbox
             WHERE delivered_at <= statement_timestamp() - ? * INTERVAL '1 microsecond' LIMIT 500",
        )
        .sqlite(
            "SELECT id FROM buttress_outbox
             WHERE delivered_at <= CAST(unixepoch('subsec') * 1000000 AS INTEGER) - ? LIMIT 500",
        )
        .bind(micros(keep))
}

pub(super) fn parked<'q>(limit: u32) -> Statement<'q> {
    sql("SELECT id, event_key, sequence, kind, attempts, created_at, parked_at,
         (SELECT count(*) FROM buttress_outbox w WHERE w.lane = o.lane AND w.sequence > o.sequence) AS behind
         FROM buttress_outbox o WHERE parked_at IS NOT NULL ORDER BY parked_at, id LIMIT ?")
    .bind(limit)
}

pub(super) fn resume<'q>(id: Uuid) -> Statement<'q> {
    now(sql("UPDATE buttress_outbox SET parked_at = NULL, attempts = 0, due_at ="))
        .push("WHERE parked_at IS NOT NULL AND id = ?")
        .bind(id)
}

pub(super) fn skip<'q>(id: Uuid) -> Statement<'q> {
    sql("DELETE FROM buttress_outbox WHERE parked_at IS NOT NULL AND id = ?").bind(id)
}

/// The age is in microseconds.
pub(super) fn backlog<'q>() -> Statement<'q> {
    sql("SELECT count(*) AS pending, count(parked_at) AS parked,")
        .push("CAST(EXTRACT(EPOCH FROM statement_timestamp() - min(created_at)) * 1000000 AS bigint)")
        .mysql("TIMESTAMPDIFF(MICROSECOND, MIN(created_at), UTC_TIMESTAMP(6))")
        .sqlite("CAST(unixepoch('subsec') * 1000000 AS INTEGER) - min(created_at)")
        .push("AS oldest FROM buttress_outbox WHERE lane IS NOT NULL")
}

/// Adds `FROM` the rows with the ids that follow.
fn from_rows(statement: Statement<'_>) -> Statement<'_> {
    statement.push("FROM buttress_outbox").mysql("FROM buttress_outbox FORCE INDEX (PRIMARY)")
}

/// Adds the moment at which the statement runs.
fn now(statement: Statement<'_>) -> Statement<'_> {
    statement
        .push("UTC_TIMESTAMP(6)")
        .postgres("statement_timestamp()")
        .sqlite("CAST(unixepoch('subsec') * 1000000 AS INTEGER)")
}

/// Adds a moment after that.
fn after(statement: Statement<'_>, pause: Duration) -> Statement<'_> {
    statement
        .push("UTC_TIMESTAMP(6) + INTERVAL ? MICROSECOND")
        .postgres("statement_timestamp() + ? * INTERVAL '1 microsecond'")
        .sqlite("CAST(unixepoch('subsec') * 1000000 AS INTEGER) + ?")
        .bind(micros(pause))
}

fn micros(of: Duration) -> i64 {
    i64::try_from(of.as_micros()).unwrap_or(i64::MAX)
}
