//! Diesel column types for our own types, the same on both databases.
//!
//! Every implementation is generic over the backend and delegates to a type that Diesel knows. Add a new id to the
//! list in `ids`, a new enum to the list of its module (`store/columns.rs`).

mod ids;
mod instant;
mod json;
mod text_enum;

pub use json::Json;
pub(crate) use text_enum::text_columns;
