-- Jobs of this time can no longer be run again elsewhere, and sweeps remove what only they name.
DROP TABLE manifest_trees;
DROP TABLE manifests;
