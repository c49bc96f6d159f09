-- Retries wait; reruns know what they run again, and how often nobody asked; jobs of a serial group run one at a time.
ALTER TABLE tasks ADD COLUMN ready_at BIGINT;  -- of a retry: it is not placed before
ALTER TABLE jobs ADD COLUMN serial_group TEXT NOT NULL DEFAULT '';  -- "<organization>:<name>"
ALTER TABLE jobs ADD COLUMN job_group TEXT NOT NULL DEFAULT '';
ALTER TABLE jobs ADD COLUMN ssh INTEGER NOT NULL DEFAULT 0 CHECK (ssh IN (0, 1));
ALTER TABLE workflows ADD COLUMN rerun_of TEXT;
ALTER TABLE workflows ADD COLUMN max_auto_reruns INTEGER NOT NULL DEFAULT 0;
ALTER TABLE workflows ADD COLUMN auto_reruns INTEGER NOT NULL DEFAULT 0;
ALTER TABLE pipelines ADD COLUMN note TEXT NOT NULL DEFAULT '';  -- why it has no workflows, where nothing is wrong
ALTER TABLE projects ADD COLUMN auto_cancel INTEGER NOT NULL DEFAULT 0 CHECK (auto_cancel IN (0, 1));

CREATE INDEX workflows_unfinished_of_project ON workflows (project_id, position) WHERE stopped_at IS NULL;

-- Who runs of each serial group. A row lives from its holder's first placed task until the holder has ended.
CREATE TABLE serial_holds (
    serial_group TEXT NOT NULL PRIMARY KEY,
    holder       TEXT NOT NULL,  -- a job's id, or "<workflow id>/<job-group>"
    workflow_id  TEXT NOT NULL REFERENCES workflows (id),
    job_id       TEXT NOT NULL REFERENCES jobs (id)
);
