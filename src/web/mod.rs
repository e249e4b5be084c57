//! What the handlers of all wings need: bytes in, bytes out.
//!
//! A handler takes what the extractors of [`extract`] understood, calls one use case and shapes the answer; whatever is refused,
//! by a use case or before it was asked, leaves through [`problem`]. `ops/http/routes.rs` is the table of contents of the API.

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

/// What a handler returns.
pub type HandlerResult = Result<actix_web::HttpResponse, Problem>;
