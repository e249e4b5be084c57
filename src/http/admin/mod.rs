//! `/admin`: directory, rules, calendar and accounts; everything is listed, made, changed and ended, nothing is deleted.

pub mod accounts;
pub mod agencies;
pub mod api_keys;
pub mod areas;
pub mod audit;
pub mod calendar;
pub mod categories;
pub mod deadline_rules;
pub mod exchange_links;
pub mod exchange_messages;
pub mod outbox;
pub mod petition_imports;
pub mod reorganisations;
pub mod routing_rules;
pub mod webhooks;
pub mod zalo;

mod answers;
