-- A transaction that writes an event of a key takes the next number of that key, and holds this row until the commit.
CREATE TABLE IF NOT EXISTS buttress_outbox_keys (
    name text COLLATE "C" PRIMARY KEY,
    last bigint NOT NULL
);

-- An undelivered event has a lane: its key, or its own id if it has none. The next event of a lane has its lowest
-- sequence.
CREATE TABLE IF NOT EXISTS buttress_outbox (
    id uuid PRIMARY KEY,
    event_key text COLLATE "C",
    lane text COLLATE "C",
    sequence bigint NOT NULL,
    kind text COLLATE "C" NOT NULL,
    headers text NOT NULL,
    payload bytea NOT NULL,
    created_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    attempts bigint NOT NULL DEFAULT 0,
    claims bigint NOT NULL DEFAULT 0,
    claimed_by uuid,
    parked_at timestamptz,
    delivered_at timestamptz,
    CONSTRAINT buttress_outbox_lane_key UNIQUE (lane, sequence)
);

CREATE INDEX IF NOT EXISTS buttress_outbox_delivered ON buttress_outbox (delivered_at) WHERE delivered_at IS NOT NULL;
CREATE INDEX IF NOT EXISTS buttress_outbox_parked ON buttress_outbox (parked_at) WHERE parked_at IS NOT NULL;
