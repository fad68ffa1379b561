//! The outbox's queries. All times are by the database's clock, so that relays need not agree on theirs.
//!
//! A writer may be slow to commit, and a relay may stop in the middle of a transaction. No query of a relay waits for
//! them: events are looked for without locks, and rows are locked and changed by their id. In a small table, MySQL
//! prefers to read all rows, and locks each row that it reads; a hint forbids that. An `UPDATE` passes over rows that
//! other transactions have locked and rows that it need not change.
//!
//! An outbox is usually nearly empty, but large after an outage. A plan that `PostgreSQL` made for the small table must
//! not be kept for the large one: a relay's connections keep no prepared statements, and a service's own statements
//! about the outbox are [unprepared](Statement::unprepared).

use std::time::Duration;

use uuid::Uuid;

use super::Event;
use crate::sql::{Statement, sql};

/// Takes the next number of a key, and keeps other transactions from taking one until this one ends.
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

/// The due events, in the order in which they became due, after the first `skipped`. For an event that is not the next
/// of its lane, `head` is the event that is.
pub(super) fn due<'q>(limit: i64, skipped: i64) -> Statement<'q> {
    is_due(sql("SELECT o.id, (SELECT p.id FROM buttress_outbox p WHERE p.lane = o.lane AND p.sequence < o.sequence
             ORDER BY p.sequence LIMIT 1) AS head
             FROM (SELECT id, lane, sequence, due_at FROM buttress_outbox"))
    .push("ORDER BY due_at LIMIT ? OFFSET ?) AS o ORDER BY o.due_at")
    .bind(limit)
    .bind(skipped)
}

/// How many events are due, up to `most`, and for how many microseconds the first one that is next of its lane has been
/// due; that one is searched for among the first `among` due events.
pub(super) fn lag<'q>(most: i64, among: i64) -> Statement<'q> {
    let counted = is_due(sql("SELECT (SELECT count(*) FROM (SELECT 1 AS one FROM buttress_outbox"))
        .push("LIMIT ?) AS d) AS due,");
    let age = counted
        .bind(most)
        .push("(SELECT CAST(EXTRACT(EPOCH FROM statement_timestamp() - o.due_at) * 1000000 AS bigint)")
        .mysql("(SELECT TIMESTAMPDIFF(MICROSECOND, o.due_at, UTC_TIMESTAMP(6))")
        .sqlite("(SELECT CAST(unixepoch('subsec') * 1000000 AS INTEGER) - o.due_at");
    is_due(age.push("FROM (SELECT lane, sequence, due_at FROM buttress_outbox"))
        .push(
            "ORDER BY due_at LIMIT ?) AS o
             WHERE NOT EXISTS (SELECT 1 FROM buttress_outbox p WHERE p.lane = o.lane AND p.sequence < o.sequence)
             ORDER BY o.due_at LIMIT 1) AS oldest",
        )
        .bind(among)
        .unprepared()
}

/// Locks the given events that are still undelivered, except those that another transaction has locked.
pub(super) fn waiting<'q>(ids: Vec<Uuid>) -> Statement<'q> {
    from_rows(sql("SELECT id"))
        .push("WHERE lane IS NOT NULL AND id IN")
        .push_list(ids)
        .push("FOR UPDATE SKIP LOCKED")
        .sqlite("")
}

/// Makes events wait for those before them. Each event is put off for as long as it has existed, but at least a minute
/// and at most a day: so only a few are looked at again, however many there are.
pub(super) fn wait_behind<'q>(ids: Vec<Uuid>) -> Statement<'q> {
    sql("UPDATE buttress_outbox SET due_at =
         statement_timestamp() + LEAST(GREATEST(statement_timestamp() - created_at, '1 minute'), '1 day')")
    .mysql(
        "UPDATE buttress_outbox SET due_at = UTC_TIMESTAMP(6) + INTERVAL
         LEAST(GREATEST(TIMESTAMPDIFF(MICROSECOND, created_at, UTC_TIMESTAMP(6)), 60000000), 86400000000) MICROSECOND",
    )
    .sqlite(
        "UPDATE buttress_outbox SET due_at = CAST(unixepoch('subsec') * 1000000 AS INTEGER)
         + min(max(CAST(unixepoch('subsec') * 1000000 AS INTEGER) - created_at, 60000000), 86400000000)",
    )
    .push("WHERE claimed_by IS NULL AND parked_at IS NULL AND id IN")
    .push_list(ids)
}

/// Makes events wait for a moment.
pub(super) fn wait_a_moment<'q>(ids: Vec<Uuid>) -> Statement<'q> {
    after(sql("UPDATE buttress_outbox SET due_at ="), Duration::from_secs(1))
        .push("WHERE claimed_by IS NULL AND parked_at IS NULL AND id IN")
        .push_list(ids)
}

/// Makes events due now: those before them are gone.
pub(super) fn next<'q>(ids: Vec<Uuid>) -> Statement<'q> {
    now(sql("UPDATE buttress_outbox SET due_at ="))
        .push("WHERE claimed_by IS NULL AND parked_at IS NULL AND id IN")
        .push_list(ids)
}

/// Locks the given events that may still be claimed, except those that another transaction is just claiming.
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

/// Locks the given events that are still claimed, except those that another transaction is just claiming; returns with
/// each the event that follows it in its lane.
pub(super) fn owned<'q>(ids: Vec<Uuid>) -> Statement<'q> {
    sql("SELECT o.id, o.claimed_by,")
        .push(NEXT)
        .push("AS next FROM buttress_outbox o")
        .mysql("AS next FROM buttress_outbox o FORCE INDEX (PRIMARY)")
        .push("WHERE o.claimed_by IS NOT NULL AND o.id IN")
        .push_list(ids)
        .push("FOR UPDATE SKIP LOCKED")
        .sqlite("")
}

/// The event that follows `o` in its lane.
const NEXT: &str = "(SELECT n.id FROM buttress_outbox n WHERE n.lane = o.lane AND n.sequence = o.sequence + 1)";

/// The claim tokens of the events, locked or not.
pub(super) fn claimants<'q>(ids: Vec<Uuid>) -> Statement<'q> {
    sql("SELECT id, claimed_by FROM buttress_outbox WHERE claimed_by IS NOT NULL AND id IN").push_list(ids)
}

/// Parks events that are locked.
pub(super) fn mark_dead<'q>(ids: Vec<Uuid>) -> Statement<'q> {
    now(sql("UPDATE buttress_outbox SET claimed_by = NULL, parked_at =")).push("WHERE id IN").push_list(ids)
}

pub(super) fn delete<'q>(ids: Vec<Uuid>) -> Statement<'q> {
    sql("DELETE FROM buttress_outbox WHERE id IN")
        .mysql("DELETE o FROM buttress_outbox AS o FORCE INDEX (PRIMARY) WHERE o.id IN")
        .push_list(ids)
}

pub(super) fn keep<'q>(ids: Vec<Uuid>) -> Statement<'q> {
    now(sql("UPDATE buttress_outbox SET lane = NULL, claimed_by = NULL, delivered_at ="))
        .push("WHERE id IN")
        .push_list(ids)
}

pub(super) fn put_off<'q>(ids: Vec<Uuid>, pause: Duration) -> Statement<'q> {
    after(sql("UPDATE buttress_outbox SET claimed_by = NULL, due_at ="), pause).push("WHERE id IN").push_list(ids)
}

/// Gives events back. An attempt that was not finished does not count.
pub(super) fn release<'q>(ids: Vec<Uuid>) -> Statement<'q> {
    now(sql("UPDATE buttress_outbox SET claimed_by = NULL, attempts = attempts - 1, due_at ="))
        .push("WHERE id IN")
        .push_list(ids)
}

/// Some of the events that were delivered longer ago than `keep`.
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

pub(super) fn dead_letters<'q>(limit: u32) -> Statement<'q> {
    sql("SELECT id, event_key, sequence, kind, attempts, created_at, parked_at,
         (SELECT max(w.sequence) FROM buttress_outbox w WHERE w.lane = o.lane) - sequence AS behind
         FROM buttress_outbox o WHERE parked_at IS NOT NULL ORDER BY parked_at, id LIMIT ?")
    .bind(limit)
    .unprepared()
}

pub(super) fn retry<'q>(id: Uuid) -> Statement<'q> {
    now(sql("UPDATE buttress_outbox SET parked_at = NULL, attempts = 0, due_at ="))
        .push("WHERE parked_at IS NOT NULL AND id = ?")
        .bind(id)
        .unprepared()
}

/// The event that follows a dead letter.
pub(super) fn behind<'q>(id: Uuid) -> Statement<'q> {
    sql("SELECT")
        .push(NEXT)
        .push("AS next FROM buttress_outbox o WHERE o.parked_at IS NOT NULL AND o.id = ?")
        .bind(id)
        .unprepared()
}

pub(super) fn discard<'q>(id: Uuid) -> Statement<'q> {
    sql("DELETE FROM buttress_outbox WHERE parked_at IS NOT NULL AND id = ?").bind(id).unprepared()
}

/// How many events wait and how many are dead letters, and the age of the oldest in microseconds.
pub(super) fn backlog<'q>() -> Statement<'q> {
    sql("SELECT count(*) AS pending, count(parked_at) AS dead_letters,")
        .push("CAST(EXTRACT(EPOCH FROM statement_timestamp() - min(created_at)) * 1000000 AS bigint)")
        .mysql("TIMESTAMPDIFF(MICROSECOND, MIN(created_at), UTC_TIMESTAMP(6))")
        .sqlite("CAST(unixepoch('subsec') * 1000000 AS INTEGER) - min(created_at)")
        .push("AS oldest FROM buttress_outbox WHERE lane IS NOT NULL")
        .unprepared()
}

/// Adds the condition that an event waits and is due, in the same form as the index for it.
fn is_due(statement: Statement<'_>) -> Statement<'_> {
    let statement = statement
        .push("WHERE lane IS NOT NULL AND parked_at IS NULL AND due_at <=")
        .postgres("WHERE CASE WHEN parked_at IS NULL THEN lane IS NOT NULL ELSE false END AND due_at <=")
        .mysql("WHERE delivered_at IS NULL AND parked_at IS NULL AND due_at <=");
    now(statement)
}

/// Adds a `FROM` that makes MySQL find the rows by the ids that follow.
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

/// Adds the moment that is `pause` after now.
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
