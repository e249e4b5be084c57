-- By which rules a publication was masked; those of earlier rules are masked anew when the program starts.
ALTER TABLE publications ADD COLUMN masked_by INTEGER NOT NULL DEFAULT 0;

CREATE INDEX publications_by_masking ON publications (masked_by, petition_id);

-- What is published follows the petition: refused, withdrawn and merged ones are not.
DELETE FROM publications WHERE petition_id IN (SELECT id FROM petitions WHERE status IN ('refused', 'withdrawn', 'duplicate'));

-- What a leader or a coordinator decided about the public version of a petition; none when masking alone decides.
CREATE TABLE moderations (
    petition_id INTEGER NOT NULL CONSTRAINT moderations_pkey PRIMARY KEY CONSTRAINT moderations_petition_exists REFERENCES petitions (id),
    is_published INTEGER NOT NULL CHECK (is_published IN (0, 1)),
    title TEXT,
    content TEXT,
    text_hash TEXT NOT NULL,
    reason TEXT,
    changed_by INTEGER NOT NULL CONSTRAINT moderations_account_exists REFERENCES accounts (id),
    changed_at TEXT NOT NULL
) STRICT;

-- The public words of an answer where somebody chose other ones; they count as long as the answer is what it was.
CREATE TABLE moderated_answers (
    answer_id INTEGER NOT NULL CONSTRAINT moderated_answers_pkey PRIMARY KEY CONSTRAINT moderated_answers_answer_exists REFERENCES answers (id),
    petition_id INTEGER NOT NULL CONSTRAINT moderated_answers_petition_exists REFERENCES petitions (id),
    content TEXT NOT NULL,
    text_hash TEXT NOT NULL,
    answer_hash TEXT NOT NULL
) STRICT;

CREATE INDEX moderated_answers_by_petition ON moderated_answers (petition_id);
