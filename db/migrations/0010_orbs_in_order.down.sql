DROP INDEX orb_releases_by_place;
ALTER TABLE orb_releases DROP COLUMN place;
