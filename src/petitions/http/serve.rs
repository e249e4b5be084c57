//! File routes: images behind signed links, and originals for the holding agency.
//!
//! Headers make sure that a browser neither guesses another content type nor runs anything in the file.

use crate::accounts::access::{Coordinator, Officer};
use crate::accounts::http::extract::{Authorized, Public};
use crate::app::App;
use crate::attachments::rules::FileId;
use crate::kernel::ids::DocumentId;
use crate::petitions::http::documents::read::IdentityQuery;
use crate::petitions::original::{original, original_for_coordinator};
use crate::petitions::rules::code::PetitionCode;
use crate::petitions::serve::{ServedFile, by_link};
use crate::web::Problem;
use crate::web::extract::{Path, Query};
use actix_web::HttpResponse;
use actix_web::body::SizedStream;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use actix_web::web::Data;
use pakn_route::get;

/// Maximum browser cache time in seconds; short, because a link stops working early when its reader loses access.
const LONGEST_KEPT: i64 = 60;
/// Content security policy: nothing is loaded or run, and the file gets its own origin.
const POLICY: &str = "default-src 'none'; sandbox; frame-ancestors 'none'";

/// An image that was made anew, behind a link that was handed out.
#[utoipa::path(
    tag = "attachments",
    params(("token" = String, Path, description = "From `url` or `thumbnail_url`")),
    responses((status = 200, description = "The image", content_type = "image/jpeg"))
)]
#[get("/files/{token}")]
pub async fn read_file(_anybody: Public, app: Data<App>, token: actix_web::web::Path<String>) -> Result<HttpResponse, Problem> {
    let served = by_link(&app, &token).await?;
    let cache = format!("private, max-age={}", served.keep_seconds.min(LONGEST_KEPT));
    Ok(answer(served, "inline", cache))
}

/// The original of an attachment, for officers of the agency that holds the petition; each look is written down. Of a petitioner who wants
/// to stay unknown: recordings without metadata, and no other original.
#[utoipa::path(
    tag = "documents",
    params(("id" = i64, Path), ("attachment" = String, Path), IdentityQuery),
    responses((status = 200, description = "The file as it was uploaded", content_type = "application/octet-stream"))
)]
#[get("/documents/{id}/attachments/{attachment}/original")]
pub async fn read_original(
    signed: Authorized<Officer>,
    app: Data<App>,
    id: Path<DocumentId>,
    attachment: Path<FileId>,
    look: Query<IdentityQuery>,
) -> Result<HttpResponse, Problem> {
    let served = original(&app, &signed.actor, id.0, &attachment.0, look.0.purpose()).await?;
    Ok(answer(served, "attachment", "private, no-store".to_owned()))
}

/// The original of an attachment as it was uploaded, for the coordinator; each look is written down.
#[utoipa::path(
    tag = "coordination",
    params(("code" = String, Path), ("attachment" = String, Path), IdentityQuery),
    responses((status = 200, description = "The file as it was uploaded", content_type = "application/octet-stream"))
)]
#[get("/coordination/{code}/attachments/{attachment}/original")]
pub async fn read_coordination_original(
    signed: Authorized<Coordinator>,
    app: Data<App>,
    code: Path<PetitionCode>,
    attachment: Path<FileId>,
    look: Query<IdentityQuery>,
) -> Result<HttpResponse, Problem> {
    let served = original_for_coordinator(&app, &signed.actor, &code.0, &attachment.0, look.0.purpose()).await?;
    Ok(answer(served, "attachment", "private, no-store".to_owned()))
}

fn answer(served: ServedFile, disposition: &str, cache: String) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, served.media_type))
        .insert_header((CONTENT_DISPOSITION, format!("{disposition}; filename=\"{}\"", served.name)))
        .insert_header((CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((CACHE_CONTROL, cache))
        .body(SizedStream::new(served.size, served.bytes))
}
