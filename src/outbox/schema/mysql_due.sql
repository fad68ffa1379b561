
-- Finds the events that are due, without those that wait for later and those that are parked. MySQL cannot create an
-- index on the condition that there is none.
SET @buttress_outbox_due = IF(
    (SELECT count(*) FROM information_schema.statistics
     WHERE table_schema = DATABASE() AND table_name = 'buttress_outbox' AND index_name = 'buttress_outbox_due') = 0,
    'CREATE INDEX buttress_outbox_due ON buttress_outbox (delivered_at, parked_at, due_at)',
    'DO 0'
);
PREPARE buttress_outbox_due FROM @buttress_outbox_due;
EXECUTE buttress_outbox_due;
DEALLOCATE PREPARE buttress_outbox_due;
