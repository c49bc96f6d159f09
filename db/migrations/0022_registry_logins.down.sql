-- Logins to registries are lost; private images are pulled with what configs say.
DELETE FROM secrets WHERE kind = 'registry_login';
CREATE TABLE secrets_without_logins (
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
    CHECK ((kind IN ('project_variable', 'ssh_key', 'checkout_key') AND project_id IS NOT NULL AND project_id = owner_id AND context_id IS NULL) OR
           (kind = 'context_variable' AND context_id IS NOT NULL AND context_id = owner_id AND project_id IS NULL))
);
INSERT INTO secrets_without_logins (kind, owner_id, name, project_id, context_id, key_name, sealed, created_at, updated_at)
SELECT kind, owner_id, name, project_id, context_id, key_name, sealed, created_at, updated_at FROM secrets;
DROP TABLE secrets;
ALTER TABLE secrets_without_logins RENAME TO secrets;
CREATE INDEX secrets_by_key ON secrets (key_name);
