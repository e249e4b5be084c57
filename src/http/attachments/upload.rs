//! `POST /attachments`: anybody uploads a file at once.

use super::multipart;
use crate::app::App;
use crate::http::Problem;
use crate::http::extract::{FileBody, Guest};
use crate::services::attachments::receive::AttachmentReceipt;
use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use utoipa::ToSchema;

/// A file; what it is called and what type it claims to be does not matter.
#[derive(Debug, ToSchema)]
pub struct AttachmentForm {
    /// JPEG, PNG, WebP, MP4, `QuickTime`, `WebM`, 3GP, PDF, MP3, M4A, AAC, OGG, WAV or AMR, recognised by its bytes.
    #[schema(value_type = String, format = Binary)]
    pub file: Vec<u8>,
}

/// Uploads a file; its id goes into `attachments` of a petition or a reply.
#[utoipa::path(
    tag = "attachments",
    params(("Idempotency-Key" = Option<String>, Header, description = "The same key and file give the first answer again")),
    request_body(content = AttachmentForm, content_type = "multipart/form-data"),
    responses((status = 201, description = "Stored; to be seen once its state is `ready`", body = AttachmentReceipt)),
    security((), ("bearer" = []))
)]
#[post("/attachments")]
pub async fn upload_attachment(guest: Guest, app: Data<App>, body: FileBody) -> Result<HttpResponse, Problem> {
    let account_id = guest.0.as_ref().map(|actor| actor.account_id);
    let caller = account_id.map_or_else(|| "guest".to_owned(), |id| format!("account:{id}"));
    let FileBody { key, body } = body;
    let receiving = multipart::read(&app, body).await?;
    let receipt = receiving.finish(account_id, |sha256| key.key_of(&caller, "attachments", sha256)).await?;
    Ok(HttpResponse::Created().json(receipt))
}
