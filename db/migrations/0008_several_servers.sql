-- Several servers share one database: who they are, what waits for any of them, and who is busy with which effect.

CREATE TABLE servers (
    name       TEXT NOT NULL PRIMARY KEY,  -- the client that it places jobs on
    started_at BIGINT NOT NULL,
    seen_at    BIGINT NOT NULL             -- both by the database's clock
);

-- What waits for a machine, and nothing else: small, whatever history holds. A row lives as long as its task is queued.
CREATE TABLE queue (
    job_id        TEXT NOT NULL,
    task_index    INTEGER NOT NULL,
    queued_at     BIGINT NOT NULL,
    position      BIGINT NOT NULL,            -- of the task
    claimed_by    TEXT NOT NULL DEFAULT '',   -- the server that is about to place it
    claimed_until BIGINT NOT NULL DEFAULT 0,  -- by the database's clock
    PRIMARY KEY (job_id, task_index),
    FOREIGN KEY (job_id, task_index) REFERENCES tasks (job_id, task_index)
);
CREATE INDEX queue_oldest ON queue (queued_at, position);
INSERT INTO queue (job_id, task_index, queued_at, position)
    SELECT job_id, task_index, queued_at, position FROM tasks WHERE status = 'queued';
DROP INDEX tasks_queued;

ALTER TABLE outbox ADD COLUMN claimed_by TEXT NOT NULL DEFAULT '';
ALTER TABLE outbox ADD COLUMN claimed_until BIGINT NOT NULL DEFAULT 0;
