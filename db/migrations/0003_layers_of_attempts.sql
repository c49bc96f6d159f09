-- A layer belongs to the attempt that stored it. Those that are here become the last attempt's.
CREATE TABLE attempt_layers (
    workspace_id TEXT NOT NULL,
    job_id       TEXT NOT NULL REFERENCES jobs (id),
    task_index   INTEGER NOT NULL,
    attempt      INTEGER NOT NULL,
    sequence     INTEGER NOT NULL,
    job_name     TEXT NOT NULL,
    blob         TEXT NOT NULL,
    size         BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, job_id, task_index, attempt, sequence)
);
INSERT INTO attempt_layers
    SELECT workspace_id, job_id, task_index,
           COALESCE((SELECT MAX(number) FROM attempts WHERE attempts.job_id = workspace_layers.job_id
                     AND attempts.task_index = workspace_layers.task_index), 1),
           sequence, job_name, blob, size FROM workspace_layers;
DROP TABLE workspace_layers;
ALTER TABLE attempt_layers RENAME TO workspace_layers;
