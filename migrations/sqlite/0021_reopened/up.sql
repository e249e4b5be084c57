-- Petitions that were looked at again are few, and the backlog and the flows of every period ask for them.
CREATE INDEX petitions_reopened ON petitions (received_on, id) WHERE reopening_count > 0;
