//! What the process tells of itself over HTTP, and the table of all addresses.

pub mod docs;
pub mod health;
pub mod openapi;
pub mod routes;
pub mod security_txt;
