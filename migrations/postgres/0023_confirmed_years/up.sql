-- The years of which every day off is decided; of all others the days off by law count.
CREATE TABLE confirmed_years (
    year INTEGER NOT NULL CONSTRAINT confirmed_years_pkey PRIMARY KEY
);

-- The law knew eleven days until 2025: a year of which all are official is decided.
INSERT INTO confirmed_years (year)
SELECT CAST(EXTRACT(YEAR FROM day) AS INTEGER) FROM calendar_days
WHERE is_official AND kind = 'holiday' GROUP BY 1 HAVING COUNT(*) >= 11;

-- By which version of the rules for days off the deadlines of open petitions were computed.
ALTER TABLE directory_state ADD COLUMN calendar_law INTEGER NOT NULL DEFAULT 0;
