DROP TABLE orb_releases;
