ALTER TABLE outbox DROP COLUMN claimed_until;
ALTER TABLE outbox DROP COLUMN claimed_by;
CREATE INDEX tasks_queued ON tasks (queued_at, position) WHERE status = 'queued';
DROP TABLE queue;
DROP TABLE servers;
