//! `/admin`: directory, rules and calendar; everything is listed, made, changed and ended, nothing is deleted.

pub mod agencies;
pub mod areas;
pub mod calendar;
pub mod categories;
pub mod deadline_rules;
pub mod routing_rules;
