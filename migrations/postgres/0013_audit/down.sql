DROP TABLE audit_head_streams;
DROP TABLE audit_heads;
DROP TABLE audit;
DROP TABLE audit_streams;
DROP FUNCTION audit_is_only_added_to();
