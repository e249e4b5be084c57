//! Reads the single `file` field of a multipart body, chunk by chunk.
//!
//! The file name and media type sent by the client are ignored. A body with any other field is refused.

use crate::app::App;
use crate::attachments::receive::IncomingFile;
use crate::attachments::upload_quota::UploadSource;
use crate::kernel::field_problem::FieldRule;
use crate::web::Problem;
use crate::web::extract::body_timeout;
use crate::web::problem::HttpErrorCode;
use actix_multipart::{Field, Multipart, MultipartError};
use actix_web::web::Bytes;
use futures_util::StreamExt;
use futures_util::stream::Stream;
use std::time::Duration;
use tokio::time::timeout;

const FIELD: &str = "file";
/// How long a client may send nothing before the upload times out.
const PATIENCE: Duration = Duration::from_secs(30);
/// How many bytes of a refused body are still read, so that the client sees the response instead of a
/// broken connection.
const DRAINED_BYTES: usize = 64 * 1024 * 1024;

/// Reads the body.
///
/// # Errors
/// 400 for a malformed or truncated multipart body, 408 for a client that stalls or is too slow, 413, 415,
/// 422 for other fields, 429 and 507.
pub async fn read(app: &App, sender: UploadSource, announced: Option<u64>, mut body: Multipart) -> Result<IncomingFile, Problem> {
    let mut received = None;
    while let Some(field) = within(body.next()).await? {
        let mut field = field.map_err(|error| problem(&error))?;
        match field.name() {
            Some(FIELD) if received.is_none() => match file(app, (sender.clone(), announced), &mut field).await {
                Ok(receiving) => received = Some(receiving),
                Err(refused) => {
                    drain(&mut field).await;
                    return Err(refused);
                }
            },
            Some(FIELD) => return Err(Problem::invalid_field(FIELD, FieldRule::Duplicate)),
            // Truncated, because the name is arbitrary client input.
            other => {
                let name: String = other.unwrap_or_default().chars().take(100).collect();
                return Err(Problem::invalid_field(name, FieldRule::Unknown));
            }
        }
    }
    received.ok_or_else(|| Problem::invalid_field(FIELD, FieldRule::Required))
}

async fn file(app: &App, (sender, announced): (UploadSource, Option<u64>), field: &mut Field) -> Result<IncomingFile, Problem> {
    let mut receiving = IncomingFile::begin(app, sender, announced).await?;
    while let Some(piece) = within(field.next()).await? {
        receiving.take(&piece.map_err(|error| problem(&error))?).await?;
    }
    Ok(receiving)
}

/// Waits for the next chunk, with a timeout.
///
/// # Errors
/// 408 when the timeout passes.
pub async fn within<T>(next: impl Future<Output = T>) -> Result<T, Problem> {
    timeout(PATIENCE, next).await.map_err(|_| Problem::fault(HttpErrorCode::RequestTimeout))
}

/// Reads and discards the rest of the stream, up to `DRAINED_BYTES`.
pub async fn drain<E>(stream: &mut (impl Stream<Item = Result<Bytes, E>> + Unpin)) {
    let mut read = 0;
    while let Ok(Some(Ok(piece))) = timeout(PATIENCE, stream.next()).await {
        read += piece.len();
        if read > DRAINED_BYTES {
            return;
        }
    }
}

fn problem(error: &MultipartError) -> Problem {
    match error {
        MultipartError::ContentTypeMissing
        | MultipartError::ContentTypeParse
        | MultipartError::ContentTypeIncompatible
        | MultipartError::BoundaryMissing => Problem::fault(HttpErrorCode::UnsupportedMediaType),
        MultipartError::Payload(error) if body_timeout::is_over(error) => Problem::fault(HttpErrorCode::RequestTimeout),
        _ => Problem::fault(HttpErrorCode::MalformedRequest),
    }
}
