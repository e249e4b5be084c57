DROP INDEX petitions_reopened;
