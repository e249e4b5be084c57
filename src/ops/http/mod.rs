//! Operational HTTP endpoints (health, API description, `security.txt`) and the route table of the API.

pub mod docs;
pub mod health;
pub mod openapi;
pub mod routes;
pub mod security_txt;
