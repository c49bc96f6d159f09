-- Jobs may ask for other ends than success of those they require, run nothing, or be for no agent of ours.
ALTER TABLE jobs ADD COLUMN required_ends_json TEXT NOT NULL DEFAULT '[]';
ALTER TABLE jobs ADD COLUMN unavailable TEXT NOT NULL DEFAULT '';
ALTER TABLE jobs ADD COLUMN any_type TEXT NOT NULL DEFAULT 'build' CHECK (any_type IN ('build', 'approval', 'no-op'));
UPDATE jobs SET any_type = type WHERE type <> 'build';
ALTER TABLE jobs DROP COLUMN type;
ALTER TABLE jobs RENAME COLUMN any_type TO type;

-- A pipeline may wait for the config that its setup workflow hands over.
ALTER TABLE pipelines ADD COLUMN any_state TEXT NOT NULL DEFAULT 'created'
    CHECK (any_state IN ('created', 'errored', 'pending', 'setup-pending'));
UPDATE pipelines SET any_state = state WHERE state <> 'created';
ALTER TABLE pipelines DROP COLUMN state;
ALTER TABLE pipelines RENAME COLUMN any_state TO state;
ALTER TABLE configs ADD COLUMN continuation_json TEXT;  -- the config that was handed over, with what, and when
