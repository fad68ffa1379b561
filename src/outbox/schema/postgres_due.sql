
-- What a relay looks for: events whose time has come, and neither those that wait for later nor those that are parked.
-- As a CASE, since without statistics the planner takes one row in two for it, and one in 200 for each IS NULL: it would
-- rather sort all that is due than read the first few from the index.
CREATE INDEX IF NOT EXISTS buttress_outbox_due ON buttress_outbox (due_at)
    WHERE CASE WHEN parked_at IS NULL THEN lane IS NOT NULL ELSE false END;
