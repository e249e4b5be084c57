//! The directory over HTTP: its lists for everybody, its entries for administrators.

pub mod admin;
pub mod public;
