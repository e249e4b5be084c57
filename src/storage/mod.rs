//! The shelves: the only code that knows SQL.

pub mod schema;
