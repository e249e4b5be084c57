DROP INDEX petitions_open_again;
DROP TABLE installation_keys;
