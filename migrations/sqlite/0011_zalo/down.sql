DROP TABLE zalo_authorisations;
DROP TABLE zalo_tokens;
DROP TABLE zalo_petitions;
DROP TABLE zalo_conversations;
DROP TABLE zalo_replies;
DROP TABLE zalo_events;
DROP TABLE zalo_people;
