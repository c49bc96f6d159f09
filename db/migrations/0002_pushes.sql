-- Every push that was announced or found, in the order of its coming: each makes its pipeline once.
CREATE TABLE pushes (
    project_id   TEXT NOT NULL REFERENCES projects (id),
    number       BIGINT NOT NULL CHECK (number > 0),  -- of the project
    ref          TEXT NOT NULL,
    old_revision TEXT NOT NULL,  -- empty: there was none
    new_revision TEXT NOT NULL,
    actor        TEXT NOT NULL,
    announced    INTEGER NOT NULL CHECK (announced IN (0, 1)),
    delivery     TEXT NOT NULL,                               -- the announcement's own id; may be empty
    counted      INTEGER NOT NULL CHECK (counted IN (0, 1)),  -- refs_seen moved by it
    open         INTEGER NOT NULL CHECK (open IN (0, 1)),     -- its pipeline is still to be made
    pipeline_id  TEXT NOT NULL,                               -- empty: none, for the reason in note
    note         TEXT NOT NULL,
    received_at  BIGINT NOT NULL,
    PRIMARY KEY (project_id, number),
    CHECK (announced = 1 OR delivery = ''),
    CHECK (open = 0 OR pipeline_id = '')
);
CREATE UNIQUE INDEX pushes_delivered ON pushes (project_id, ref, delivery) WHERE delivery <> '';
CREATE INDEX pushes_counted ON pushes (project_id, ref, number) WHERE counted = 1;
CREATE INDEX pushes_uncounted ON pushes (project_id, ref, number) WHERE counted = 0;
CREATE INDEX pushes_open ON pushes (project_id, number) WHERE open = 1;

-- Tokens that can announce the pushes of one project, and nothing else. A new one ends the one before.
CREATE TABLE hook_tokens (
    project_id TEXT NOT NULL PRIMARY KEY REFERENCES projects (id),
    sha256     TEXT NOT NULL,  -- of the token's text, which is stored nowhere
    created_at BIGINT NOT NULL
);
