DROP TABLE only_in_next_version;
ALTER TABLE outbox DROP COLUMN of_next_version;
ALTER TABLE attempts DROP COLUMN of_next_version;
ALTER TABLE tasks DROP COLUMN of_next_version;
