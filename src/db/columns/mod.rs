//! How our own types lie in columns, on both databases alike.
//!
//! Every implementation is generic over the backend and hands over to a type that Diesel knows. A new enum or id is
//! added to the list of its kind.

mod ids;
mod instant;
mod json;
mod text_enum;

pub use json::Json;
