DROP TABLE partner_petitions;
DROP TABLE api_key_hours;
DROP TABLE api_keys;
