//! The answers that all handlers of `/admin` give: something made, or something as it now stands; and the key of a repetition.

use crate::domain::account::Actor;
use crate::http::extract::{IdempotencyKey, etag};
use crate::services::idempotency::Key;
use actix_web::HttpResponse;
use actix_web::http::header::LOCATION;
use serde::Serialize;
use std::fmt::Display;

/// 201 with the address of what was made.
pub(super) fn created(list: &str, id: impl Display, version: Option<i32>, body: &impl Serialize) -> HttpResponse {
    let mut answer = HttpResponse::Created();
    answer.insert_header((LOCATION, format!("/api/v1/admin/{list}/{id}")));
    if let Some(version) = version {
        answer.insert_header(etag(version));
    }
    answer.json(body)
}

/// 200 with the version that `If-Match` takes back.
pub(super) fn versioned(version: i32, body: &impl Serialize) -> HttpResponse {
    HttpResponse::Ok().insert_header(etag(version)).json(body)
}

/// The key of one call of one administrator, with what tells one body from another.
pub(super) fn key(by: &Actor, call: &str, sent: IdempotencyKey, digest: String) -> Option<Key> {
    sent.0.map(|secret| Key::new(Some(by.account_id), call, secret, digest))
}
