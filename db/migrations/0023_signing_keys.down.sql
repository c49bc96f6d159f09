-- Servers no longer hear of each other's keys.
ALTER TABLE servers DROP COLUMN signing_key;
