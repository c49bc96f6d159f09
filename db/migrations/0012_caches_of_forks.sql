-- Caches that builds of a fork's commits stored stand apart: nobody else sees them. '' are the project's own. Each cache
-- remembers when it was used last, so that those used the longest time ago go first.
ALTER TABLE caches ADD COLUMN fork TEXT NOT NULL DEFAULT '';
ALTER TABLE caches ADD COLUMN used_at BIGINT NOT NULL DEFAULT 0;
UPDATE caches SET used_at = created_at;
DROP INDEX caches_by_key;
CREATE UNIQUE INDEX caches_by_key ON caches (project_id, fork, key);
