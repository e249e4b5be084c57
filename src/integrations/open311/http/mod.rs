//! `/open311/v2`: Open311 GeoReport v2, in XML and JSON, for clients that speak it unchanged.
//!
//! In come the parameters of the standard, out goes one tree that is written in either format ([`mod@write`]). Rule: errors have the
//! form of the standard, not that of our API; the key travels in a parameter and is never written to a log.

pub mod discovery;
pub mod key;
pub mod params;
pub mod requests;
pub mod services;
pub mod write;
