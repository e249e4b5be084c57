//! Data that nobody has lived: the demo year, and as many petitions as a measurement needs.

pub mod demo;
pub mod generate;
pub mod store;
