//! `POST /attachments`: uploads a file in one request; open to everybody.

use super::multipart;
use crate::accounts::challenge;
use crate::accounts::http::challenges::ChallengeResponse;
use crate::accounts::http::extract::Uploader;
use crate::app::App;
use crate::attachments::receive::AttachmentReceipt;
use crate::web::Problem;
use crate::web::extract::{MultipartBody, RequestClient, UploadKey};
use crate::web::flood_guard::GuestAction;
use actix_web::HttpResponse;
use actix_web::web::Data;
use pakn_route::post;
use serde::Deserialize;
use utoipa::ToSchema;

/// The scope of the idempotency keys of this endpoint.
const CALL: &str = "attachments";

/// A file; what it is called and what type it claims to be does not matter.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AttachmentForm {
    /// JPEG, PNG, WebP, MP4, `QuickTime`, `WebM`, 3GP, PDF, MP3, M4A, AAC, OGG, WAV or AMR, recognised by its bytes.
    #[schema(value_type = String, format = Binary)]
    pub file: Vec<u8>,
}

/// Uploads a file; its id goes into `attachments` of a petition or a reply. Partners may send their key, which is counted then.
#[utoipa::path(
    tag = "attachments",
    params(("Idempotency-Key" = Option<String>, Header, description = "The same key and file give the first answer again; of a guest at least 100 bits that others cannot guess, as a UUID, and the same `X-Device-Id`"),
        ("X-Proof-Of-Work" = Option<String>, Header, description = "Of guests, and of accounts without a proven contact, while the province asks for it: see `POST /challenges`")),
    request_body(content = AttachmentForm, content_type = "multipart/form-data"),
    responses((status = 201, description = "Stored; to be seen once its state is `ready`", body = AttachmentReceipt))
)]
#[post("/attachments")]
pub async fn upload_attachment(
    uploader: Uploader,
    app: Data<App>,
    shown: ChallengeResponse,
    visitor: RequestClient,
    body: MultipartBody,
) -> Result<HttpResponse, Problem> {
    let account_id = uploader.account();
    let sender = uploader.sender(&visitor.0.source);
    let MultipartBody { key, device, announced, body } = body;
    let key = UploadKey::of(uploader.caller(), key, device)?;
    // The part of the body that the idempotency key covers is known only after reading it.
    let admitted = match uploader.has_to_work(&app).await? {
        true => Some(challenge::verify_and_spend(&app, &shown.of(GuestAction::Upload), key.with(CALL, "")).await?),
        false => None,
    };
    let received = async {
        let receiving = multipart::read(&app, sender, announced, body).await?;
        Ok::<_, Problem>(receiving.finish(account_id, |sha256| key.with(CALL, sha256)).await?)
    };
    match (received.await, admitted) {
        (Err(refused), Some(admitted)) => {
            admitted.give_back(&app).await?;
            Err(refused)
        }
        (received, _) => Ok(HttpResponse::Created().json(received?)),
    }
}
