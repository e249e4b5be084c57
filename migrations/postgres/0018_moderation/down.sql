DROP TABLE moderated_answers;
DROP TABLE moderations;
DROP INDEX publications_by_masking;
ALTER TABLE publications DROP COLUMN masked_by;
