//! What the operator's commands read and write across the tables of all wings.

pub mod future_times;
pub mod installation;
pub mod verify;
