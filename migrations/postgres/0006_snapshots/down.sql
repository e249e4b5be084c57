DROP TABLE snapshot_petitions;
DROP TABLE snapshots;
