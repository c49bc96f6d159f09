-- The output of ended attempts, compressed: each is a part of a blob.
CREATE TABLE sealed_outputs (
    job_id       TEXT NOT NULL,
    task_index   INTEGER NOT NULL,
    attempt      INTEGER NOT NULL,
    step_index   INTEGER NOT NULL,
    blob         TEXT NOT NULL,
    part_at      BIGINT NOT NULL CHECK (part_at >= 0),  -- in the blob
    part_bytes   BIGINT NOT NULL CHECK (part_bytes > 0),
    output_bytes BIGINT NOT NULL CHECK (output_bytes > 0),
    PRIMARY KEY (job_id, task_index, attempt, step_index),
    FOREIGN KEY (job_id, task_index, attempt) REFERENCES attempts (job_id, task_index, number)
);
