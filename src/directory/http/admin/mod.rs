//! `/admin`: directory, rules and calendar; entries are listed, created, amended and ended, never deleted.

pub mod agencies;
pub mod areas;
pub mod calendar;
pub mod categories;
pub mod deadline_rules;
pub mod routing_rules;
