-- Where each release stands among those of its orb, so that a list of orbs need not read all of their releases: the
-- newest version first (its numbers, each taken from 999999999), then dev versions by their label.
ALTER TABLE orb_releases ADD COLUMN place TEXT NOT NULL DEFAULT '';
UPDATE orb_releases SET place = '2' || version WHERE expires_at IS NOT NULL;
UPDATE orb_releases SET place = '1'
    || printf('%09d', 999999999 - CAST(version AS INTEGER))  -- sqlite only
    || printf('%09d', 999999999 - CAST(substr(version, instr(version, '.') + 1) AS INTEGER))  -- sqlite only
    || printf('%09d', 999999999 - CAST(substr(version, instr(version, '.') + 1 + instr(substr(version, instr(version, '.') + 1), '.')) AS INTEGER))  -- sqlite only
    || lpad((999999999 - split_part(version, '.', 1)::BIGINT)::VARCHAR, 9, '0')  -- postgres only
    || lpad((999999999 - split_part(version, '.', 2)::BIGINT)::VARCHAR, 9, '0')  -- postgres only
    || lpad((999999999 - split_part(version, '.', 3)::BIGINT)::VARCHAR, 9, '0')  -- postgres only
    WHERE expires_at IS NULL;
CREATE INDEX orb_releases_by_place ON orb_releases (name, place, expires_at);
