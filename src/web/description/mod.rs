//! Completes the OpenAPI description of all operations: required permission, error responses of middleware and
//! extractors, shared parameters.

pub mod answers;
pub mod parameters;

use actix_web::http::Method;
use utoipa::openapi::path::{Operation, PathItem};

/// Returns the operations of a path with their methods.
pub fn operations_mut(item: &mut PathItem) -> impl Iterator<Item = (Method, &mut Operation)> {
    let PathItem { get, put, post, patch, delete, options, .. } = item;
    [
        (Method::GET, get),
        (Method::PUT, put),
        (Method::POST, post),
        (Method::PATCH, patch),
        (Method::DELETE, delete),
        (Method::OPTIONS, options),
    ]
    .into_iter()
    .filter_map(|(method, operation)| operation.as_mut().map(|operation| (method, operation)))
}
