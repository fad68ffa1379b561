-- A transaction that writes an event of a key takes the next number of that key, and holds this row until the commit.
-- Keys and lanes are compared byte by byte: the collation that does that has one name in MySQL and another in MariaDB.
CREATE TABLE IF NOT EXISTS buttress_outbox_keys (
    name VARBINARY(255) PRIMARY KEY,
    last BIGINT NOT NULL
) ENGINE = InnoDB;

-- An undelivered event has a lane: its key, or its own id if it has none. The next event of a lane has its lowest
-- sequence.
CREATE TABLE IF NOT EXISTS buttress_outbox (
    id BINARY(16) PRIMARY KEY,
    event_key VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
    lane VARBINARY(255),
    sequence BIGINT NOT NULL,
    kind VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    headers LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    payload LONGBLOB NOT NULL,
    created_at DATETIME(6) NOT NULL,
    due_at DATETIME(6) NOT NULL,
    attempts BIGINT NOT NULL DEFAULT 0,
    claims BIGINT NOT NULL DEFAULT 0,
    claimed_by BINARY(16),
    parked_at DATETIME(6),
    delivered_at DATETIME(6),
    UNIQUE KEY buttress_outbox_lane_key (lane, sequence),
    KEY buttress_outbox_delivered (delivered_at),
    KEY buttress_outbox_parked (parked_at)
) ENGINE = InnoDB;
