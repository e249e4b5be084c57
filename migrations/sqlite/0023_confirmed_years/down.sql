ALTER TABLE directory_state DROP COLUMN calendar_law;
DROP TABLE confirmed_years;
