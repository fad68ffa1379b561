
-- Finds the events that are due, without those that wait for later and those that are parked.
CREATE INDEX IF NOT EXISTS buttress_outbox_due ON buttress_outbox (due_at)
    WHERE lane IS NOT NULL AND parked_at IS NULL;
