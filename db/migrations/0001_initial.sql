-- Conventions: *_at are milliseconds since 1970 UTC; statuses are the names in src/model/status.h; columns called
-- `position` number rows in the order of their creation; *_json are JSON texts.

-- ---------------------------------------------------------------- who we build for

CREATE TABLE projects (
    id             TEXT NOT NULL PRIMARY KEY,
    slug           TEXT NOT NULL UNIQUE,
    remote         TEXT NOT NULL,
    default_branch TEXT NOT NULL,
    poll           INTEGER NOT NULL CHECK (poll IN (0, 1)),
    created_at     BIGINT NOT NULL
);

-- The revision last seen at each ref, so that a push makes one pipeline.
CREATE TABLE refs_seen (
    project_id TEXT NOT NULL REFERENCES projects (id),
    ref        TEXT NOT NULL,
    revision   TEXT NOT NULL,
    PRIMARY KEY (project_id, ref)
);

-- The numbers given out so far.
CREATE TABLE counters (
    project_id TEXT NOT NULL PRIMARY KEY REFERENCES projects (id),
    pipeline   BIGINT NOT NULL,
    build      BIGINT NOT NULL
);

CREATE TABLE tokens (
    sha256     TEXT NOT NULL PRIMARY KEY,  -- of the token's text, which is stored nowhere
    label      TEXT NOT NULL,
    login      TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

-- ---------------------------------------------------------------- what happened, and what is still to be told

CREATE TABLE events (
    position     AUTONUMBER,
    id           TEXT NOT NULL UNIQUE,  -- the idempotency key
    kind         TEXT NOT NULL,
    payload_json TEXT NOT NULL,
    at           BIGINT NOT NULL
);

CREATE TABLE outbox (
    -- Never used twice: a late done() must not hit another effect.
    id           INTEGER PRIMARY KEY AUTOINCREMENT,  -- sqlite only
    id           AUTONUMBER,  -- postgres only
    event_id     TEXT NOT NULL,
    effect_json  TEXT NOT NULL
);

-- ---------------------------------------------------------------- pipelines

CREATE TABLE pipelines (
    position     AUTONUMBER,
    id           TEXT NOT NULL UNIQUE,
    project_id   TEXT NOT NULL REFERENCES projects (id),
    number       BIGINT NOT NULL CHECK (number > 0),
    state        TEXT NOT NULL CHECK (state IN ('created', 'errored', 'pending')),
    branch       TEXT NOT NULL,  -- of the trigger, for lists
    trigger_json TEXT NOT NULL,
    errors_json  TEXT NOT NULL,
    created_at   BIGINT NOT NULL,
    updated_at   BIGINT NOT NULL,
    UNIQUE (project_id, number)
);
CREATE INDEX pipelines_newest_of_project ON pipelines (project_id, position);
CREATE INDEX pipelines_newest_of_branch ON pipelines (project_id, branch, position);

-- What is large and seldom read, apart from what lists read.
CREATE TABLE configs (
    pipeline_id TEXT NOT NULL PRIMARY KEY REFERENCES pipelines (id),
    source      TEXT NOT NULL,
    plan_json   TEXT NOT NULL
);

-- What the queue needs to know of the plan's jobs.
CREATE TABLE job_specs (
    pipeline_id    TEXT NOT NULL REFERENCES pipelines (id),
    spec           INTEGER NOT NULL,  -- index into the plan's jobs
    executor       TEXT NOT NULL CHECK (executor IN ('docker', 'machine')),
    resource_class TEXT NOT NULL,     -- as the config says; may be empty
    PRIMARY KEY (pipeline_id, spec)
);

-- ---------------------------------------------------------------- workflows: what runs

CREATE TABLE workflows (
    position     AUTONUMBER,
    id           TEXT NOT NULL UNIQUE,
    pipeline_id  TEXT NOT NULL REFERENCES pipelines (id),
    project_id   TEXT NOT NULL REFERENCES projects (id),
    workspace_id TEXT NOT NULL,  -- the first run of this workflow; reruns share its workspace
    name         TEXT NOT NULL,
    status       TEXT NOT NULL CHECK (status IN ('running', 'success', 'failed', 'failing', 'on_hold', 'canceled', 'error',
                                                 'not_run', 'unauthorized')),
    started_by   TEXT NOT NULL,
    canceled_by  TEXT NOT NULL,
    created_at   BIGINT NOT NULL,
    stopped_at   BIGINT,
    version      BIGINT NOT NULL CHECK (version > 0),
    CHECK ((stopped_at IS NULL) = (status IN ('running', 'failing', 'on_hold')))
);
CREATE INDEX workflows_of_pipeline ON workflows (pipeline_id, position);
CREATE INDEX workflows_unfinished ON workflows (position) WHERE stopped_at IS NULL;

CREATE TABLE jobs (
    position      AUTONUMBER,
    id            TEXT NOT NULL UNIQUE,
    workflow_id   TEXT NOT NULL REFERENCES workflows (id),
    place         INTEGER NOT NULL,  -- index in the workflow, the config's order
    project_id    TEXT NOT NULL REFERENCES projects (id),
    branch        TEXT NOT NULL,     -- the pipeline's, for lists
    name          TEXT NOT NULL,
    type          TEXT NOT NULL CHECK (type IN ('build', 'approval')),
    number        BIGINT NOT NULL CHECK (number >= 0),  -- the build number; 0: has none
    spec          INTEGER NOT NULL,
    requires_json TEXT NOT NULL,     -- places of the jobs it requires
    status        TEXT NOT NULL CHECK (status IN ('blocked', 'queued', 'running', 'on_hold', 'success', 'failed', 'timedout',
                                                  'canceled', 'infrastructure_fail', 'not_run', 'unauthorized')),
    reason        TEXT NOT NULL,
    approved_by   TEXT NOT NULL,
    canceled_by   TEXT NOT NULL,
    kept_from     TEXT,              -- the job of an earlier workflow whose result stands here
    created_at    BIGINT NOT NULL,
    queued_at     BIGINT,
    started_at    BIGINT,
    stopped_at    BIGINT,
    UNIQUE (workflow_id, place),
    CHECK ((stopped_at IS NULL) = (status IN ('blocked', 'queued', 'running', 'on_hold')))
);
-- A kept job shows the number of the job that really ran.
CREATE UNIQUE INDEX jobs_by_number ON jobs (project_id, number) WHERE number > 0 AND kept_from IS NULL;
CREATE INDEX jobs_newest ON jobs (position) WHERE number > 0 AND kept_from IS NULL;
CREATE INDEX jobs_newest_of_branch ON jobs (project_id, branch, number) WHERE number > 0 AND kept_from IS NULL;

CREATE TABLE tasks (
    position   AUTONUMBER,
    job_id     TEXT NOT NULL REFERENCES jobs (id),
    task_index INTEGER NOT NULL CHECK (task_index >= 0),
    status     TEXT NOT NULL CHECK (status IN ('waiting', 'queued', 'placed', 'running', 'finished')),
    queued_at  BIGINT,
    UNIQUE (job_id, task_index),
    CHECK (status <> 'queued' OR queued_at IS NOT NULL)
);
CREATE INDEX tasks_queued ON tasks (queued_at, position) WHERE status = 'queued';

CREATE TABLE attempts (
    job_id       TEXT NOT NULL,
    task_index   INTEGER NOT NULL,
    number       INTEGER NOT NULL CHECK (number > 0),
    state        TEXT NOT NULL CHECK (state IN ('placed', 'running', 'finished')),
    client       TEXT NOT NULL,
    token_hash   TEXT NOT NULL,
    placed_at    BIGINT NOT NULL,
    started_at   BIGINT,
    stopped_at   BIGINT,
    outcome_json TEXT,
    PRIMARY KEY (job_id, task_index, number),
    FOREIGN KEY (job_id, task_index) REFERENCES tasks (job_id, task_index),
    CHECK ((outcome_json IS NOT NULL) = (state = 'finished')),
    CHECK (state <> 'running' OR token_hash <> '')
);
-- No task has two live attempts; and the few live ones are found at once.
CREATE UNIQUE INDEX attempts_live ON attempts (job_id, task_index) WHERE state <> 'finished';

-- ---------------------------------------------------------------- what a run leaves behind

CREATE TABLE steps (
    job_id       TEXT NOT NULL,
    task_index   INTEGER NOT NULL,
    attempt      INTEGER NOT NULL,
    step_index   INTEGER NOT NULL,
    name         TEXT NOT NULL,
    type         TEXT NOT NULL,
    command      TEXT NOT NULL,
    status       TEXT NOT NULL CHECK (status IN ('running', 'success', 'failed', 'canceled', 'timedout',
                                                 'infrastructure_fail', 'skipped')),
    background   INTEGER NOT NULL CHECK (background IN (0, 1)),
    exit_code    INTEGER,
    run_time_ms  BIGINT NOT NULL,
    started_at   BIGINT,
    stopped_at   BIGINT,
    output_bytes BIGINT NOT NULL,
    truncated    INTEGER NOT NULL CHECK (truncated IN (0, 1)),
    PRIMARY KEY (job_id, task_index, attempt, step_index),
    FOREIGN KEY (job_id, task_index, attempt) REFERENCES attempts (job_id, task_index, number)
);

CREATE TABLE artifacts (
    job_id     TEXT NOT NULL,
    task_index INTEGER NOT NULL,
    attempt    INTEGER NOT NULL,
    path       TEXT NOT NULL,
    blob       TEXT NOT NULL,
    size       BIGINT NOT NULL,
    PRIMARY KEY (job_id, task_index, attempt, path),
    FOREIGN KEY (job_id, task_index, attempt) REFERENCES attempts (job_id, task_index, number)
);

CREATE TABLE tests (
    job_id     TEXT NOT NULL,
    task_index INTEGER NOT NULL,
    attempt    INTEGER NOT NULL,
    batch      INTEGER NOT NULL,
    place      INTEGER NOT NULL,  -- within the batch
    name       TEXT NOT NULL,
    classname  TEXT NOT NULL,
    file       TEXT NOT NULL,
    source     TEXT NOT NULL,
    result     TEXT NOT NULL CHECK (result IN ('success', 'failure', 'error', 'skipped')),
    run_time   DOUBLE PRECISION NOT NULL,  -- seconds
    message    TEXT NOT NULL,
    PRIMARY KEY (job_id, task_index, attempt, batch, place),
    FOREIGN KEY (job_id, task_index, attempt) REFERENCES attempts (job_id, task_index, number)
);

CREATE TABLE caches (
    position   AUTONUMBER,
    project_id TEXT NOT NULL REFERENCES projects (id),
    key        TEXT NOT NULL,
    blob       TEXT NOT NULL,
    size       BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX caches_by_key ON caches (project_id, key);

CREATE TABLE workspace_layers (
    workspace_id TEXT NOT NULL,
    job_id       TEXT NOT NULL REFERENCES jobs (id),
    task_index   INTEGER NOT NULL,
    sequence     INTEGER NOT NULL,
    job_name     TEXT NOT NULL,
    blob         TEXT NOT NULL,
    size         BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, job_id, task_index, sequence)
);
