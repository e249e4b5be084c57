//! `/open311/v2`: Open311 GeoReport v2, in XML and JSON, for unmodified standard clients.
//!
//! Enters: the parameters of the standard. Leaves: one tree, serialised in either format ([`mod@write`]). Rules:
//! errors have the format of the standard, not of our API. The API key is a request parameter and is never logged.

pub mod discovery;
pub mod key;
pub mod params;
pub mod requests;
pub mod services;
pub mod write;
