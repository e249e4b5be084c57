//! Swagger UI for the API, served from the binary without internet access.

use crate::ops::http::openapi::DOCUMENT_PATH;
use crate::web::HandlerResult;
use crate::web::problem::{HttpErrorCode, Problem};
use actix_web::HttpResponse;
use actix_web::http::header;
use actix_web::web::Path;
use std::sync::Arc;
use utoipa_swagger_ui::{Config, serve};

/// The page loads its own scripts and sends requests to this server only.
const POLICY: &str = "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'";

/// Redirects from the folder without a trailing slash, where relative URLs would not resolve.
pub async fn to_page(request: actix_web::HttpRequest) -> HttpResponse {
    HttpResponse::PermanentRedirect().insert_header((header::LOCATION, format!("{}/", request.path()))).finish()
}

/// Returns a file of Swagger UI.
///
/// # Errors
/// 404 for an unknown file.
pub async fn read_file(file: Path<String>) -> HandlerResult {
    // Without "none" Swagger UI would send the document to an online validator.
    let config = Arc::new(Config::from(DOCUMENT_PATH).validator_url("none"));
    let found = serve(&file, config).map_err(|error| Problem::internal(error.to_string()))?;
    let found = found.ok_or_else(|| Problem::fault(HttpErrorCode::RouteNotFound))?;
    let mut answer = HttpResponse::Ok();
    answer.insert_header((header::CONTENT_TYPE, found.content_type));
    answer.insert_header((header::CONTENT_SECURITY_POLICY, POLICY));
    answer.insert_header((header::CACHE_CONTROL, "public, max-age=3600"));
    if found.gzpipped {
        answer.insert_header((header::CONTENT_ENCODING, "gzip"));
    }
    Ok(answer.body(found.bytes.into_owned()))
}
