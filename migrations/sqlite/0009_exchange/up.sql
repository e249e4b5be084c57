-- Which agency gets its incoming documents as edXML messages, and how. account_id is the agency's document system as the author of
-- answers that it sends and as the one that looks at identities; nobody can sign in with it.
CREATE TABLE exchange_links (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    agency_id INTEGER NOT NULL CONSTRAINT exchange_links_agency_exists REFERENCES agencies (id),
    organ_id TEXT NOT NULL,
    organ_original TEXT NOT NULL,
    sender_organ_id TEXT NOT NULL,
    transport TEXT NOT NULL CONSTRAINT exchange_links_transport_known CHECK (transport IN ('folder', 'gateway')),
    address TEXT NOT NULL,
    account_id INTEGER NOT NULL CONSTRAINT exchange_links_account_exists REFERENCES accounts (id),
    active_from TEXT NOT NULL,
    active_until TEXT,
    version INTEGER NOT NULL
) STRICT;

CREATE INDEX exchange_links_by_agency ON exchange_links (agency_id);

-- One row for each message, out and in. An outgoing row says only what is to be sent; the message is composed when it is sent.
CREATE TABLE exchange_messages (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    direction TEXT NOT NULL CONSTRAINT exchange_messages_direction_known CHECK (direction IN ('out', 'in')),
    kind TEXT NOT NULL CONSTRAINT exchange_messages_kind_known CHECK (kind IN ('document', 'status', 'unknown')),
    link_id INTEGER NOT NULL CONSTRAINT exchange_messages_link_exists REFERENCES exchange_links (id),
    petition_id INTEGER CONSTRAINT exchange_messages_petition_exists REFERENCES petitions (id),
    document_id INTEGER CONSTRAINT exchange_messages_document_exists REFERENCES documents (id),
    message_id TEXT NOT NULL,
    state TEXT NOT NULL CONSTRAINT exchange_messages_state_known CHECK (state IN
        ('due', 'sent', 'acknowledged', 'failed', 'cancelled', 'applied', 'noted', 'unfitting', 'unreadable')),
    status_code TEXT,
    answered_code TEXT,
    attempts INTEGER NOT NULL,
    due_at TEXT,
    created_at TEXT NOT NULL,
    sent_at TEXT,
    acknowledged_at TEXT,
    problem TEXT,
    signature TEXT CONSTRAINT exchange_messages_signature_known CHECK (signature IN
        ('absent', 'unchecked', 'valid', 'invalid', 'unsupported')),
    sha256 TEXT,
    detail TEXT NOT NULL,
    CONSTRAINT exchange_messages_once UNIQUE (direction, link_id, message_id)
) STRICT;

CREATE INDEX exchange_messages_due ON exchange_messages (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX exchange_messages_by_document ON exchange_messages (document_id);
CREATE INDEX exchange_messages_by_message ON exchange_messages (message_id);
CREATE INDEX exchange_messages_by_state ON exchange_messages (state, id);
