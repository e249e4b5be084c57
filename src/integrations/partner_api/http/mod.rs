//! HTTP handlers for partners: their petitions, and the administration of their API keys.

pub mod api_keys;
pub mod petitions;
