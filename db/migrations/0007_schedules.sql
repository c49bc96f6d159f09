-- Which workflows run from time to time on which branches, as the newest config of each branch says, and how far their
-- ticks have been dealt with.
CREATE TABLE schedules (
    project_id    TEXT NOT NULL REFERENCES projects (id),
    branch        TEXT NOT NULL,
    workflow      TEXT NOT NULL,
    crons_json    TEXT NOT NULL,             -- a list of lines
    settled_until BIGINT NOT NULL,           -- ticks up to here have fired or will not
    claimed_at    BIGINT,                    -- a server deals with what is due
    last_tick     BIGINT,                    -- that fired
    last_pipeline TEXT NOT NULL DEFAULT '',  -- that it made
    missed_tick   BIGINT,                    -- the newest that did not fire
    missed_why    TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (project_id, branch, workflow)
);
