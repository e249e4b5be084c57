//! The layout of the few HTML pages: links in e-mails open in any phone browser, so they are plain, without
//! scripts.

use crate::kernel::Lang;
use actix_web::HttpResponse;
use actix_web::http::header::{CONTENT_SECURITY_POLICY, ContentType};

/// A page may have inline styles and submit its own form, nothing else.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'";

/// Returns a page with this body, which must already be escaped.
#[must_use]
pub fn page(lang: Lang, body: &str) -> HttpResponse {
    HttpResponse::Ok().content_type(ContentType::html()).insert_header((CONTENT_SECURITY_POLICY, POLICY)).body(format!(
        "<!doctype html><html lang=\"{lang}\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>PAKN</title><style>body{{font:18px/1.5 system-ui,sans-serif;max-width:32em;margin:3em auto;padding:0 1em}}\
         button,input{{font:inherit;padding:.6em;max-width:100%;box-sizing:border-box}}</style>{body}</html>"
    ))
}
