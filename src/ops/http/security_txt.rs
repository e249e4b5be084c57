//! `/.well-known/security.txt` (RFC 9116) with the operator's security contact. Answers 404 without a contact.

use crate::accounts::http::extract::Public;
use crate::app::App;
use crate::kernel::error_code::ErrorCode;
use crate::web::HandlerResult;
use actix_web::HttpResponse;
use actix_web::http::header::ContentType;
use actix_web::web::Data;
use chrono::{Days, SecondsFormat};
use pakn_route::get;

/// Days until a copy expires (RFC 9116, 2.5.5: less than a year).
const GOOD_DAYS: u64 = 180;

/// Where weaknesses are reported.
#[utoipa::path(tag = "health", responses((status = 200, description = "RFC 9116", content_type = "text/plain", body = String)))]
#[get("/.well-known/security.txt")]
pub async fn read_security_txt(_anybody: Public, app: Data<App>) -> HandlerResult {
    let Some(contact) = &app.config.security_contact else { return Err(ErrorCode::SecurityContactMissing.into()) };
    let expires = app.now().utc().checked_add_days(Days::new(GOOD_DAYS)).unwrap_or_else(|| app.now().utc());
    let expires = expires.to_rfc3339_opts(SecondsFormat::Secs, true);
    let canonical = match app.config.public_url.as_deref() {
        Some(url) => format!("Canonical: {}/.well-known/security.txt\n", url.trim_end_matches('/')),
        None => String::new(),
    };
    let text = format!("Contact: {contact}\nExpires: {expires}\nPreferred-Languages: vi, en\n{canonical}");
    Ok(HttpResponse::Ok().content_type(ContentType::plaintext()).body(text))
}
