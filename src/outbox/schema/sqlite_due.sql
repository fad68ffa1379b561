
-- What a relay looks for: events whose time has come, and neither those that wait for later nor those that are parked.
CREATE INDEX IF NOT EXISTS buttress_outbox_due ON buttress_outbox (due_at)
    WHERE lane IS NOT NULL AND parked_at IS NULL;
