-- Shares, priorities and limits of projects and organizations, and what somebody moved to the front of the queue.
CREATE TABLE project_shares (
    project_id TEXT NOT NULL PRIMARY KEY REFERENCES projects (id),
    weight     INTEGER NOT NULL,
    priority   INTEGER NOT NULL,
    most_tasks INTEGER            -- that run at a time; none: no limit
);
CREATE TABLE organization_limits (
    organization TEXT NOT NULL PRIMARY KEY,  -- "gh/acme": a project's slug without its last part
    most_tasks   INTEGER NOT NULL
);

-- Who moved which job's tasks to the front: kept when the tasks are long gone.
CREATE TABLE promotions (
    job_id      TEXT NOT NULL REFERENCES jobs (id),
    promoted_at BIGINT NOT NULL,
    promoted_by TEXT NOT NULL,
    PRIMARY KEY (job_id, promoted_at)
);
ALTER TABLE queue ADD COLUMN promoted_at BIGINT NOT NULL DEFAULT 9223372036854775807;  -- never
ALTER TABLE queue ADD COLUMN promoted_by TEXT NOT NULL DEFAULT '';
DROP INDEX queue_oldest;
CREATE INDEX queue_oldest ON queue (promoted_at, queued_at, position);
