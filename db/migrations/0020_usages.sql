-- What attempts used of their machines (model/resource_usage.h).
CREATE TABLE usages (
    job_id     TEXT NOT NULL,
    task_index INTEGER NOT NULL,
    attempt    INTEGER NOT NULL,
    body       TEXT NOT NULL,    -- JSON, at most 64 KiB
    PRIMARY KEY (job_id, task_index, attempt),
    FOREIGN KEY (job_id, task_index, attempt) REFERENCES attempts (job_id, task_index, number)
);
