
-- Finds the events that are due, without those that wait for later and those that are parked. The condition is a CASE
-- because, without statistics, the planner expects it to hold for one row in two, but each IS NULL for one row in 200.
-- With the latter, it would rather sort all due events than read the first few from the index.
CREATE INDEX IF NOT EXISTS buttress_outbox_due ON buttress_outbox (due_at)
    WHERE CASE WHEN parked_at IS NULL THEN lane IS NOT NULL ELSE false END;
