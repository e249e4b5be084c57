DROP TABLE delivery_attempts;
DROP TABLE outbox;
DROP TABLE webhooks;
DROP TABLE unsubscribed_addresses;
DROP TABLE contact_preferences;
DROP TABLE notification_marks;
DROP INDEX notifications_of_coordinator;
DROP INDEX notifications_of_agency;
ALTER TABLE notifications ADD COLUMN sent_at TEXT;
