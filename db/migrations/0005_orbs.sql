-- The server's orbs: each version with its text.
CREATE TABLE orb_releases (
    name         TEXT NOT NULL,  -- "namespace/name"
    version      TEXT NOT NULL,  -- "1.2.3", which never changes, or "dev:label"
    sha256       TEXT NOT NULL,  -- of source
    published_by TEXT NOT NULL,
    published_at BIGINT NOT NULL,
    expires_at   BIGINT,         -- of dev versions, and of no others
    source       TEXT NOT NULL CHECK (length(CAST(source AS BLOB)) <= 1000000),  -- sqlite only
    source       TEXT NOT NULL CHECK (octet_length(source) <= 4000000),  -- postgres only
    PRIMARY KEY (name, version),
    CHECK ((expires_at IS NOT NULL) = (version LIKE 'dev:%'))
);
CREATE INDEX orb_releases_expiring ON orb_releases (expires_at) WHERE expires_at IS NOT NULL;
