//! The shared HTTP layer of all modules: extractors, middleware, errors.
//!
//! A handler takes values from the extractors of [`extract`], calls one use case and builds the response; every
//! error, from a use case or before it, becomes a response in [`problem`]. `ops/http/routes.rs` lists the routes
//! of the API.

pub mod cors;
pub mod description;
pub mod extract;
pub mod flood_guard;
pub mod middleware;
pub(crate) mod origin;
pub mod pages;
pub mod problem;
pub mod shared_limits;
pub mod tls;

pub use problem::Problem;

/// The return type of handlers.
pub type HandlerResult = Result<actix_web::HttpResponse, Problem>;
