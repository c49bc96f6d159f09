DELETE FROM caches WHERE fork <> '';
DROP INDEX caches_by_key;
CREATE UNIQUE INDEX caches_by_key ON caches (project_id, key);
ALTER TABLE caches DROP COLUMN used_at;
ALTER TABLE caches DROP COLUMN fork;
