//! HTTP handlers of officers: administration of their accounts, and their confirmation.

pub mod admin;
pub mod confirmations;
