//! Generated data: the demo year, and any number of petitions for load tests.

pub mod demo;
pub mod generate;
pub mod store;
