//! Photos of a conversation. Enters: a URL from an event. Leaves: an attachment that passed the same checks as any
//! other.

use crate::app::App;
use crate::attachments::receive::IncomingFile;
use crate::attachments::upload_quota::UploadSource;
use crate::db::service_error::ServiceError;

/// Why a photo was not stored.
pub(super) enum PhotoError {
    /// Download failed; retrying may help.
    Unavailable,
    /// The photo is rejected; the text explains why.
    Refused(&'static str),
}

/// Downloads a photo and stores it.
///
/// # Errors
/// Those of the database and of the file store.
pub(super) async fn fetch(app: &App, user: &str, url: &str) -> Result<Result<String, PhotoError>, ServiceError> {
    let refused = |why| Ok(Err(PhotoError::Refused(why)));
    if app.channels.webhook.admits(url).is_err() {
        return refused("Không tải được ảnh từ địa chỉ này.");
    }
    let Ok(mut answer) = app.channels.webhook.get(url).await else { return Ok(Err(PhotoError::Unavailable)) };
    if answer.status().is_server_error() {
        return Ok(Err(PhotoError::Unavailable));
    }
    if !answer.status().is_success() {
        return refused("Ảnh không còn tải được, xin gửi lại.");
    }
    let mut receiving = match IncomingFile::begin(app, UploadSource::conversation(user), answer.content_length()).await {
        Ok(receiving) => receiving,
        Err(error) => return judged(error),
    };
    loop {
        match answer.chunk().await {
            Ok(Some(chunk)) => {
                if let Err(error) = receiving.take(&chunk).await {
                    return judged(error);
                }
            }
            Ok(None) => break,
            Err(_) => return Ok(Err(PhotoError::Unavailable)),
        }
    }
    match receiving.finish(None, |_| None).await {
        Ok(receipt) if receipt.media_type.starts_with("image/") => Ok(Ok(receipt.id)),
        Ok(_) => refused("Tệp này không phải là ảnh."),
        Err(error) => judged(error),
    }
}

/// Problems with the file are reported to the person; our own failures are not.
fn judged(error: ServiceError) -> Result<Result<String, PhotoError>, ServiceError> {
    use crate::kernel::error_code::ErrorCode;
    match error {
        ServiceError::RejectedField(ErrorCode::FileTooLarge, _) => Ok(Err(PhotoError::Refused("Ảnh quá lớn."))),
        ServiceError::RejectedField(ErrorCode::FileTypeUnknown, _) => {
            Ok(Err(PhotoError::Refused("Tệp này không phải là ảnh đọc được.")))
        }
        ServiceError::Invalid(_) => Ok(Err(PhotoError::Refused("Ảnh bị hỏng hoặc không được nhận."))),
        ServiceError::Rejected(ErrorCode::StorageLow | ErrorCode::UploadsFull)
        | ServiceError::RetryAfter(ErrorCode::UploadBytesExhausted, _) => {
            Ok(Err(PhotoError::Refused("Hiện chưa nhận thêm ảnh được; xin gửi phản ánh không kèm ảnh hoặc thử lại sau.")))
        }
        other => Err(other),
    }
}
