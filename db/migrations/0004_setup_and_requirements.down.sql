-- A pipeline that waits for its config is one that was made; a job that runs nothing looks like an approval.
ALTER TABLE configs DROP COLUMN continuation_json;
ALTER TABLE pipelines ADD COLUMN old_state TEXT NOT NULL DEFAULT 'created'
    CHECK (old_state IN ('created', 'errored', 'pending'));
UPDATE pipelines SET old_state = state WHERE state IN ('errored', 'pending');
ALTER TABLE pipelines DROP COLUMN state;
ALTER TABLE pipelines RENAME COLUMN old_state TO state;

ALTER TABLE jobs ADD COLUMN old_type TEXT NOT NULL DEFAULT 'build' CHECK (old_type IN ('build', 'approval'));
UPDATE jobs SET old_type = 'approval' WHERE type <> 'build';
ALTER TABLE jobs DROP COLUMN type;
ALTER TABLE jobs RENAME COLUMN old_type TO type;
ALTER TABLE jobs DROP COLUMN unavailable;
ALTER TABLE jobs DROP COLUMN required_ends_json;
