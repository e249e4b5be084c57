//! Integrations with other systems, one module each; the life of a petition depends on none of them.

pub mod edoc;
pub mod imports;
pub mod oidc;
pub mod open311;
pub mod partner_api;
pub mod zalo;
