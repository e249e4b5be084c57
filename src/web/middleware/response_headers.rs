//! Default headers of every response: request id and browser security. A handler that sets one of them keeps its
//! own.

use crate::web::extract::{RequestId, request_id};
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};

/// Security headers; the content policy is that of plain data, which loads nothing.
static HEADERS: [(HeaderName, &str); 8] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
    (header::CACHE_CONTROL, "no-store"),
    // Ignored by browsers on responses without TLS (RFC 6797, 8.1).
    (header::STRICT_TRANSPORT_SECURITY, "max-age=31536000"),
    (header::PERMISSIONS_POLICY, "camera=(), geolocation=(), microphone=()"),
    (header::CROSS_ORIGIN_OPENER_POLICY, "same-origin"),
];

/// Adds the missing headers.
pub(super) fn set(headers: &mut HeaderMap, id: &RequestId) {
    for (name, value) in &HEADERS {
        if !headers.contains_key(name) {
            headers.insert(name.clone(), HeaderValue::from_static(value));
        }
    }
    if let Ok(value) = HeaderValue::from_str(&id.0) {
        headers.insert(HeaderName::from_static(request_id::HEADER), value);
    }
}
