//! Partners over HTTP: their petitions, and their keys for administrators.

pub mod api_keys;
pub mod petitions;
