-- A transaction that writes an event of a key takes the next number of that key.
CREATE TABLE IF NOT EXISTS buttress_outbox_keys (
    name TEXT NOT NULL PRIMARY KEY,
    last INTEGER NOT NULL
) WITHOUT ROWID;

-- An undelivered event has a lane: its key, or its own id if it has none. The next event of a lane has its lowest
-- sequence. Points in time are microseconds since 1970.
CREATE TABLE IF NOT EXISTS buttress_outbox (
    id BLOB NOT NULL PRIMARY KEY,
    event_key TEXT,
    lane TEXT,
    sequence INTEGER NOT NULL,
    kind TEXT NOT NULL,
    headers TEXT NOT NULL,
    payload BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    claims INTEGER NOT NULL DEFAULT 0,
    claimed_by BLOB,
    parked_at INTEGER,
    delivered_at INTEGER,
    CONSTRAINT buttress_outbox_lane_key UNIQUE (lane, sequence)
);

CREATE INDEX IF NOT EXISTS buttress_outbox_delivered ON buttress_outbox (delivered_at) WHERE delivered_at IS NOT NULL;
CREATE INDEX IF NOT EXISTS buttress_outbox_parked ON buttress_outbox (parked_at) WHERE parked_at IS NOT NULL;
