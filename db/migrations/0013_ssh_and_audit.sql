-- SSH into jobs, and what administrators want to know that somebody did.
CREATE TABLE user_keys (
    fingerprint TEXT NOT NULL PRIMARY KEY,  -- "SHA256:...": a key belongs to one person
    login       TEXT NOT NULL,
    type        TEXT NOT NULL,
    key_base64  TEXT NOT NULL,              -- the public key (a column named blob would name an object of the store)
    comment     TEXT NOT NULL,
    added_at    BIGINT NOT NULL
);
CREATE INDEX user_keys_of_login ON user_keys (login, added_at);

-- Who asked to come in. Those of ended jobs are removed with the next wish.
CREATE TABLE ssh_guests (
    job_id   TEXT NOT NULL REFERENCES jobs (id),
    login    TEXT NOT NULL,
    keep     TEXT NOT NULL CHECK (keep IN ('always', 'on_failure', 'no')),
    asked_at BIGINT NOT NULL,
    PRIMARY KEY (job_id, login)
);
CREATE INDEX jobs_with_ssh ON jobs (id) WHERE ssh = 1 AND stopped_at IS NULL;

CREATE TABLE ssh_places (
    job_id      TEXT NOT NULL REFERENCES jobs (id),
    task_index  INTEGER NOT NULL,
    attempt     INTEGER NOT NULL,
    host        TEXT NOT NULL,
    port        INTEGER NOT NULL CHECK (port BETWEEN 1 AND 65535),
    fingerprint TEXT NOT NULL,  -- of the host's key
    opened_at   BIGINT NOT NULL,
    PRIMARY KEY (job_id, task_index, attempt)
);

CREATE TABLE audit_events (
    position     AUTONUMBER,
    id           TEXT NOT NULL UNIQUE,
    action       TEXT NOT NULL,
    success      INTEGER NOT NULL CHECK (success IN (0, 1)),
    actor        TEXT NOT NULL,
    target       TEXT NOT NULL,
    scope        TEXT NOT NULL,
    payload_json TEXT NOT NULL,
    occurred_at  BIGINT NOT NULL
);
