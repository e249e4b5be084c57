//! Statistics about petitions: counting, publishing, charts and reports.

pub mod charts;
pub mod http;
pub mod petition_events;
pub mod reports;
pub mod rules;
pub mod snapshots;
pub mod statistics;
pub mod store;
