DROP TABLE exchange_messages;
DROP TABLE exchange_links;
