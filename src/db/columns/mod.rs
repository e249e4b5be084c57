//! How our own types lie in columns, on both databases alike.
//!
//! Every implementation is generic over the backend and hands over to a type that Diesel knows. A new id is added to the
//! list of ids, a new enum to the list of its wing (`store/columns.rs`).

mod ids;
mod instant;
mod json;
mod text_enum;

pub use json::Json;
pub(crate) use text_enum::text_columns;
