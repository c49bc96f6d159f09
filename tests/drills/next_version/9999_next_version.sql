-- Of no version of Gyre: what the upgrade drill takes for the next one. Each busy table gets a column.
ALTER TABLE tasks ADD COLUMN of_next_version TEXT NOT NULL DEFAULT 'unknown';
ALTER TABLE attempts ADD COLUMN of_next_version TEXT NOT NULL DEFAULT 'unknown';
ALTER TABLE outbox ADD COLUMN of_next_version INTEGER;
CREATE TABLE only_in_next_version (
    job_id     TEXT NOT NULL,
    task_index INTEGER NOT NULL,
    PRIMARY KEY (job_id, task_index),
    FOREIGN KEY (job_id, task_index) REFERENCES tasks (job_id, task_index)
);
INSERT INTO only_in_next_version SELECT job_id, task_index FROM tasks;
