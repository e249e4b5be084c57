//! What the description of the API tells of every operation beyond what its handler says: the right it needs, and the answers
//! that any request can meet on the way to a handler and back.

pub mod answers;
pub mod parameters;

use actix_web::http::Method;
use utoipa::openapi::path::{Operation, PathItem};

/// The operations of an address with their methods.
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
