-- The database is no longer known to belong to its objects.
DROP TABLE installation;
