//! Shared responses of the `/admin` handlers (created, current version), and their idempotency keys.

use crate::db::idempotency::RequestKey;
use crate::kernel::account::Actor;
use crate::web::extract::{RepeatableBody, etag};
use actix_web::HttpResponse;
use actix_web::http::header::LOCATION;
use serde::Serialize;
use std::fmt::Display;

/// Returns 201 with the `Location` of the new resource.
pub(crate) fn created(list: &str, id: impl Display, version: Option<i32>, body: &impl Serialize) -> HttpResponse {
    let mut answer = HttpResponse::Created();
    answer.insert_header((LOCATION, format!("/api/v1/admin/{list}/{id}")));
    if let Some(version) = version {
        answer.insert_header(etag(version));
    }
    answer.json(body)
}

/// Returns 200 with the version as `ETag`, for use in `If-Match`.
pub(crate) fn versioned(version: i32, body: &impl Serialize) -> HttpResponse {
    HttpResponse::Ok().insert_header(etag(version)).json(body)
}

/// Returns the idempotency key for one kind of call by an administrator.
pub(crate) fn key<T>(by: &Actor, call: &str, body: &RepeatableBody<T>) -> Option<RequestKey> {
    body.key_of(&format!("account:{}", by.account_id), call)
}
