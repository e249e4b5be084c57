//! CORS: the configured origins may use the API, without credentials, because the API uses no cookies.

use actix_cors::Cors;
use actix_web::http::header;
use actix_web::http::header::HeaderName;

/// Seconds for which a browser may cache a preflight response.
const MAX_AGE: usize = 3600;

/// Exposed response headers, beside the safelisted ones.
const SHOWN: [&str; 14] = [
    "attachment-id",
    "etag",
    "location",
    "ratelimit",
    "ratelimit-policy",
    "retry-after",
    "tus-extension",
    "tus-max-size",
    "tus-resumable",
    "tus-version",
    "upload-expires",
    "upload-length",
    "upload-offset",
    "x-request-id",
];

/// Allowed request headers.
const TAKEN: [&str; 13] = [
    "accept",
    "accept-language",
    "authorization",
    "content-type",
    "idempotency-key",
    "if-match",
    "if-none-match",
    "tus-resumable",
    "upload-length",
    "upload-metadata",
    "upload-offset",
    "x-device-id",
    "x-tracking-token",
];

/// Returns the CORS rules for these origins; `*` allows any.
pub fn cors(origins: &[String]) -> Cors {
    let names = |names: &[&'static str]| names.iter().map(|name| HeaderName::from_static(name)).collect::<Vec<_>>();
    let rules = Cors::default()
        .allowed_methods(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"])
        .allowed_headers(names(&TAKEN))
        .allowed_header(HeaderName::from_static("x-request-id"))
        .allowed_header(HeaderName::from_static("x-proof-of-work"))
        .allowed_header(header::CACHE_CONTROL)
        .expose_headers(names(&SHOWN))
        .max_age(MAX_AGE);
    match origins.iter().any(|origin| origin == "*") {
        true => rules.allow_any_origin().send_wildcard(),
        false => origins.iter().fold(rules, |rules, origin| rules.allowed_origin(origin)),
    }
}
