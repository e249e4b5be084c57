//! Resumable uploads with the tus protocol 1.0.0: creation, termination, expiration.
//!
//! Anyone who may upload a file in one request may also start a resumable upload (partners with their API
//! key too), with the same proof of work. Received bytes are kept even when the connection breaks during a
//! PATCH; the client asks for the current offset with HEAD.

use super::multipart::{drain, within};
use crate::accounts::challenge;
use crate::accounts::http::challenges::ChallengeResponse;
use crate::accounts::http::extract::{Public, Uploader};
use crate::app::App;
use crate::attachments::receive::AttachmentReceipt;
use crate::attachments::rules::FileId;
use crate::attachments::uploads::{self, UploadChunk, UploadStatus};
use crate::kernel::error_code::ErrorCode;
use crate::kernel::ids::AccountId;
use crate::web::Problem;
use crate::web::extract::{RawStream, RequestClient};
use crate::web::flood_guard::GuestAction;
use crate::web::problem::HttpErrorCode;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderMap, LOCATION};
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use futures_util::StreamExt;
use pakn_route::{delete, get, options, patch, post};

/// The only supported tus version.
const VERSION: &str = "1.0.0";
const RESUMABLE: &str = "Tus-Resumable";
const LENGTH: &str = "Upload-Length";
const OFFSET: &str = "Upload-Offset";
const EXTENSIONS: &str = "creation,termination,expiration";
/// The `Content-Type` of a PATCH request.
const PIECE_TYPE: &str = "application/offset+octet-stream";

fn check_version(headers: &HeaderMap) -> Result<(), Problem> {
    match headers.get(RESUMABLE).map(|value| value.as_bytes() == VERSION.as_bytes()) {
        Some(true) => Ok(()),
        _ => Err(ErrorCode::TusVersionUnknown.into()),
    }
}

fn number(headers: &HeaderMap, name: &'static str) -> Result<u64, Problem> {
    let value = headers.get(name).and_then(|value| value.to_str().ok()).filter(|text| text.bytes().all(|b| b.is_ascii_digit()));
    value.and_then(|text| text.parse().ok()).ok_or_else(|| Problem::malformed_header(name, "1048576"))
}

/// Parses the ID; a malformed ID is reported as not found.
fn id_of(text: &str) -> Result<FileId, Problem> {
    text.parse().map_err(|_| ErrorCode::UploadNotFound.into())
}

fn with_standing(mut answer: HttpResponseBuilder, standing: &UploadStatus) -> HttpResponseBuilder {
    answer.insert_header((RESUMABLE, VERSION)).insert_header((CACHE_CONTROL, "no-store"));
    answer.insert_header((OFFSET, standing.offset.to_string()));
    let expires = standing.expires_at.utc().format("%a, %d %b %Y %H:%M:%S GMT").to_string();
    answer.insert_header(("Upload-Expires", expires));
    if let Some(id) = &standing.attachment_id {
        answer.insert_header(("Attachment-Id", id.as_str()));
    }
    answer
}

/// What this server can do of tus.
#[utoipa::path(
    tag = "attachments",
    responses((status = 204, description = "`Tus-Version`, `Tus-Extension`, `Tus-Max-Size`"))
)]
#[options("/attachments/uploads")]
pub async fn describe_uploads(_anybody: Public, app: Data<App>) -> HttpResponse {
    HttpResponse::NoContent()
        .insert_header((RESUMABLE, VERSION))
        .insert_header(("Tus-Version", VERSION))
        .insert_header(("Tus-Extension", EXTENSIONS))
        .insert_header(("Tus-Max-Size", app.config.largest_attachment().to_string()))
        .finish()
}

/// Begins an upload in pieces (tus 1.0.0); `Upload-Metadata` is not kept. It waits 15 minutes for each piece, and stays open for at most a
/// day: the less of it has arrived, the shorter, so that one of which next to nothing comes ends within minutes. `Upload-Expires` tells when.
#[utoipa::path(
    tag = "attachments",
    params(
        ("Tus-Resumable" = String, Header, description = "1.0.0"),
        ("Upload-Length" = u64, Header, description = "Bytes of the whole file"),
        ("X-Proof-Of-Work" = Option<String>, Header, description = "Of guests, and of accounts without a proven contact, while the province asks for it: see `POST /challenges`")
    ),
    responses((status = 201, description = "`Location` takes the pieces"))
)]
#[post("/attachments/uploads")]
pub async fn begin_upload(
    uploader: Uploader,
    app: Data<App>,
    shown: ChallengeResponse,
    visitor: RequestClient,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    check_version(request.headers())?;
    let length = number(request.headers(), LENGTH)?;
    if length == 0 {
        return Err(Problem::malformed_header(LENGTH, "1048576"));
    }
    let admitted = match uploader.has_to_work(&app).await? {
        true => Some(challenge::verify_and_spend(&app, &shown.of(GuestAction::Upload), None).await?),
        false => None,
    };
    let begun = uploads::create(&app, &uploader.sender(&visitor.0.source), uploader.account(), length).await;
    if let (Err(_), Some(admitted)) = (&begun, admitted) {
        admitted.give_back(&app).await?;
    }
    let standing = begun?;
    let place = format!("/api/v1/attachments/uploads/{}", standing.id);
    Ok(with_standing(HttpResponse::Created(), &standing).insert_header((LOCATION, place)).finish())
}

/// How far an upload came; ask with HEAD.
#[utoipa::path(
    tag = "attachments",
    params(("upload" = String, Path), ("Tus-Resumable" = String, Header, description = "1.0.0")),
    responses((status = 200, description = "`Upload-Offset`, `Upload-Length`; `Attachment-Id` once it is complete"))
)]
#[get("/attachments/uploads/{upload}")]
pub async fn read_upload(
    uploader: Uploader,
    app: Data<App>,
    request: HttpRequest,
    id: Path<String>,
) -> Result<HttpResponse, Problem> {
    check_version(request.headers())?;
    let standing = uploads::status(&app, uploader.account(), &id_of(&id)?).await?;
    let mut answer = with_standing(HttpResponse::Ok(), &standing);
    Ok(answer.insert_header((LENGTH, standing.length.to_string())).finish())
}

/// Adds a piece; the last one makes the attachment. A piece has at least 64 KiB, except for the last one, and an upload at most 2,000 pieces
/// (settings of the province).
#[utoipa::path(
    tag = "attachments",
    params(
        ("upload" = String, Path),
        ("Tus-Resumable" = String, Header, description = "1.0.0"),
        ("Upload-Offset" = u64, Header, description = "Where the piece begins: where the upload stands")
    ),
    request_body(content = Vec<u8>, content_type = "application/offset+octet-stream"),
    responses((status = 204, description = "Stored; `Attachment-Id` and `Attachment-State` once it is complete"))
)]
#[patch("/attachments/uploads/{upload}")]
pub async fn continue_upload(
    uploader: Uploader,
    app: Data<App>,
    request: HttpRequest,
    id: Path<String>,
    body: RawStream,
) -> Result<HttpResponse, Problem> {
    check_version(request.headers())?;
    if request.headers().get(CONTENT_TYPE).is_none_or(|value| value.as_bytes() != PIECE_TYPE.as_bytes()) {
        return Err(Problem::fault(HttpErrorCode::UnsupportedMediaType));
    }
    let offset = number(request.headers(), OFFSET)?;
    let offset = i64::try_from(offset).map_err(|_| Problem::malformed_header(OFFSET, "0"))?;
    let (account, id) = (uploader.account(), id_of(&id)?);
    // Runs in its own task: actix drops the handler when the client disconnects, and the received bytes would
    // be lost.
    let piece = actix_web::rt::spawn(async move { take(&app, account, &id, offset, body).await });
    let (standing, receipt) = piece.await.map_err(|_| Problem::internal("a piece was lost".to_owned()))??;
    let mut answer = with_standing(HttpResponse::NoContent(), &standing);
    if let Some(receipt) = receipt {
        answer.insert_header(("Attachment-State", receipt.state.as_str()));
    }
    Ok(answer.finish())
}

async fn take(
    app: &App,
    account: Option<AccountId>,
    id: &FileId,
    offset: i64,
    body: RawStream,
) -> Result<(UploadStatus, Option<AttachmentReceipt>), Problem> {
    let RawStream(mut body) = body;
    let standing = uploads::status(app, account, id).await?;
    if standing.offset != offset {
        drain(&mut body).await;
        return Err(ErrorCode::UploadOffsetWrong.into());
    }
    let mut piece = UploadChunk::begin(app, standing).await?;
    // A stalled or broken connection ends this chunk; the client asks for the offset and resumes.
    loop {
        let bytes = match within(body.next()).await {
            Ok(Some(Ok(bytes))) => bytes,
            Ok(None) => {
                piece.is_whole = true;
                break;
            }
            _ => break,
        };
        if let Err(refused) = piece.take(&bytes).await {
            drain(&mut body).await;
            return Err(refused.into());
        }
    }
    Ok(uploads::append(app, account, id, offset, piece).await?)
}

/// Ends an upload and removes what has arrived.
#[utoipa::path(
    tag = "attachments",
    params(("upload" = String, Path), ("Tus-Resumable" = String, Header, description = "1.0.0")),
    responses((status = 204, description = "Gone"))
)]
#[delete("/attachments/uploads/{upload}")]
pub async fn end_upload(
    uploader: Uploader,
    app: Data<App>,
    request: HttpRequest,
    id: Path<String>,
) -> Result<HttpResponse, Problem> {
    check_version(request.headers())?;
    uploads::terminate(&app, uploader.account(), &id_of(&id)?).await?;
    Ok(HttpResponse::NoContent().insert_header((RESUMABLE, VERSION)).finish())
}
