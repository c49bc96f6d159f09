-- Which installation this database belongs to (docs/admin/installation.md): one row, made at a first start.
CREATE TABLE installation (
    one         INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
    id          TEXT NOT NULL,
    made_at     BIGINT NOT NULL,
    has_objects INTEGER NOT NULL DEFAULT 0,  -- its id was written beside objects
    secrets_key TEXT NOT NULL DEFAULT ''     -- name of the key that all servers must have; '': no server said yet
);
