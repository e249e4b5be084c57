//! Queries of the operator commands across the tables of all modules.

pub mod future_times;
pub mod installation;
pub mod verify;
