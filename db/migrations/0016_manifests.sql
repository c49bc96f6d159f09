-- What attempts ran with, so that they can be run again elsewhere and compared (model/job_manifest.h).
CREATE TABLE manifests (
    job_id     TEXT NOT NULL,
    task_index INTEGER NOT NULL,
    attempt    INTEGER NOT NULL,
    body       TEXT NOT NULL,    -- JSON, at most 1 MiB
    told_at    BIGINT NOT NULL,
    PRIMARY KEY (job_id, task_index, attempt),
    FOREIGN KEY (job_id, task_index, attempt) REFERENCES attempts (job_id, task_index, number)
);

-- The caches and layers that a manifest names. While such a row is here, no sweep removes what it names.
CREATE TABLE manifest_trees (
    job_id     TEXT NOT NULL,
    task_index INTEGER NOT NULL,
    attempt    INTEGER NOT NULL,
    blob       TEXT NOT NULL,
    told_at    BIGINT NOT NULL,
    PRIMARY KEY (job_id, task_index, attempt, blob),
    FOREIGN KEY (job_id, task_index, attempt) REFERENCES manifests (job_id, task_index, attempt)
);
CREATE INDEX manifest_trees_oldest ON manifest_trees (told_at);
