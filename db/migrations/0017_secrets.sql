-- What jobs may know and nobody may read (docs/admin/secrets.md).
CREATE TABLE contexts (
    id           TEXT NOT NULL PRIMARY KEY,
    organization TEXT NOT NULL,  -- "gh/acme"; "git" for plain remotes
    name         TEXT NOT NULL,
    created_at   BIGINT NOT NULL,
    UNIQUE (organization, name)
);

-- A context with such a row is for the projects that are named, and for no others.
CREATE TABLE context_restrictions (
    id         TEXT NOT NULL PRIMARY KEY,
    context_id TEXT NOT NULL REFERENCES contexts (id),
    project_id TEXT NOT NULL REFERENCES projects (id),
    UNIQUE (context_id, project_id)
);

CREATE TABLE secrets (
    kind       TEXT NOT NULL,
    owner_id   TEXT NOT NULL,  -- of a project or context, as the kind says
    name       TEXT NOT NULL,
    project_id TEXT REFERENCES projects (id),
    context_id TEXT REFERENCES contexts (id),
    key_name   TEXT NOT NULL,  -- of the key that it is sealed with
    sealed     TEXT NOT NULL,  -- src/identity/key_ring.h
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (kind, owner_id, name),
    CHECK ((kind = 'project_variable' AND project_id IS NOT NULL AND project_id = owner_id AND context_id IS NULL) OR
           (kind = 'context_variable' AND context_id IS NOT NULL AND context_id = owner_id AND project_id IS NULL))
);
CREATE INDEX secrets_by_key ON secrets (key_name);

-- Projects whose secrets jobs of a fork's commits are given, too.
CREATE TABLE projects_that_trust_forks (
    project_id TEXT NOT NULL PRIMARY KEY REFERENCES projects (id)
);
