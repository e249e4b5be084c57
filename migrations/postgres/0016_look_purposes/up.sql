-- Why an officer looked at an identity; until now it was always the handling of the case.
ALTER TABLE identity_looks ADD COLUMN purpose TEXT NOT NULL DEFAULT 'handling'
    CONSTRAINT identity_looks_purpose_known CHECK (purpose IN ('handling', 'contact', 'verification', 'reply', 'legal_request'));
