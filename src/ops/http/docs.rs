//! The page on which people read and try the API: Swagger UI, from the binary, without internet.

use crate::ops::http::openapi::DOCUMENT_PATH;
use crate::web::HandlerResult;
use crate::web::problem::{HttpErrorCode, Problem};
use actix_web::HttpResponse;
use actix_web::http::header;
use actix_web::web::Path;
use std::sync::Arc;
use utoipa_swagger_ui::{Config, serve};

/// The page loads its own scripts and asks this server only.
const POLICY: &str = "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'";

/// Leads from the folder without its slash, where relative addresses would not work, to the page.
pub async fn to_page(request: actix_web::HttpRequest) -> HttpResponse {
    HttpResponse::PermanentRedirect().insert_header((header::LOCATION, format!("{}/", request.path()))).finish()
}

/// A file of the page.
///
/// # Errors
/// 404 for a file that the page does not have.
pub async fn read_file(file: Path<String>) -> HandlerResult {
    // Without "none" the page would send the document to a checker on the internet.
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
