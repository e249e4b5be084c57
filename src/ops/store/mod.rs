//! What the operator's commands read and write across the tables of all wings.

pub mod ahead;
pub mod installation;
pub mod verify;
