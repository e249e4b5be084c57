//! Other systems, one wing each; none of them is needed for the life of a petition.

pub mod edoc;
pub mod imports;
pub mod oidc;
pub mod open311;
pub mod partner_api;
pub mod zalo;
