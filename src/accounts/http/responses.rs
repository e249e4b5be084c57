//! The answers that all handlers of `/admin` give: something made, or something as it now stands; and the key of a repetition.

use crate::db::idempotency::RequestKey;
use crate::kernel::account::Actor;
use crate::web::extract::{RepeatableBody, etag};
use actix_web::HttpResponse;
use actix_web::http::header::LOCATION;
use serde::Serialize;
use std::fmt::Display;

/// 201 with the address of what was made.
pub(crate) fn created(list: &str, id: impl Display, version: Option<i32>, body: &impl Serialize) -> HttpResponse {
    let mut answer = HttpResponse::Created();
    answer.insert_header((LOCATION, format!("/api/v1/admin/{list}/{id}")));
    if let Some(version) = version {
        answer.insert_header(etag(version));
    }
    answer.json(body)
}

/// 200 with the version that `If-Match` takes back.
pub(crate) fn versioned(version: i32, body: &impl Serialize) -> HttpResponse {
    HttpResponse::Ok().insert_header(etag(version)).json(body)
}

/// The key of one kind of call of an administrator.
pub(crate) fn key<T>(by: &Actor, call: &str, body: &RepeatableBody<T>) -> Option<RequestKey> {
    body.key_of(&format!("account:{}", by.account_id), call)
}
