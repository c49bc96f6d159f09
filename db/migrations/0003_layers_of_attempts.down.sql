CREATE TABLE task_layers (
    workspace_id TEXT NOT NULL,
    job_id       TEXT NOT NULL REFERENCES jobs (id),
    task_index   INTEGER NOT NULL,
    sequence     INTEGER NOT NULL,
    job_name     TEXT NOT NULL,
    blob         TEXT NOT NULL,
    size         BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, job_id, task_index, sequence)
);
INSERT INTO task_layers
    SELECT workspace_id, job_id, task_index, sequence, job_name, blob, size FROM workspace_layers
    WHERE attempt = (SELECT MAX(number) FROM attempts WHERE attempts.job_id = workspace_layers.job_id
                     AND attempts.task_index = workspace_layers.task_index);
DROP TABLE workspace_layers;
ALTER TABLE task_layers RENAME TO workspace_layers;
