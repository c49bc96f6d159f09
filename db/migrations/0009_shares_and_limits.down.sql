-- Every project has the same share, and nothing is limited or promoted.
DROP INDEX queue_oldest;
CREATE INDEX queue_oldest ON queue (queued_at, position);
ALTER TABLE queue DROP COLUMN promoted_by;
ALTER TABLE queue DROP COLUMN promoted_at;
DROP TABLE promotions;
DROP TABLE organization_limits;
DROP TABLE project_shares;
