//! Photos of a conversation: enters an address out of an event, leaves an attachment that went through the same checks as every other.

use crate::app::App;
use crate::attachments::receive::Receiving;
use crate::attachments::room::Sender;
use crate::db::service_error::ServiceError;

/// Why there is no photo.
pub(super) enum NoPhoto {
    /// It did not come; another try may help.
    Away,
    /// It may not be taken; the sentence says why.
    Refused(&'static str),
}

/// Fetches a photo.
///
/// # Errors
/// Those of the database and of the store of files.
pub(super) async fn fetch(app: &App, user: &str, url: &str) -> Result<Result<String, NoPhoto>, ServiceError> {
    let refused = |why| Ok(Err(NoPhoto::Refused(why)));
    if app.channels.webhook.admits(url).is_err() {
        return refused("Không tải được ảnh từ địa chỉ này.");
    }
    let Ok(mut answer) = app.channels.webhook.get(url).await else { return Ok(Err(NoPhoto::Away)) };
    if answer.status().is_server_error() {
        return Ok(Err(NoPhoto::Away));
    }
    if !answer.status().is_success() {
        return refused("Ảnh không còn tải được, xin gửi lại.");
    }
    let mut receiving = match Receiving::begin(app, Sender::conversation(user), answer.content_length()).await {
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
            Err(_) => return Ok(Err(NoPhoto::Away)),
        }
    }
    match receiving.finish(None, |_| None).await {
        Ok(receipt) if receipt.media_type.starts_with("image/") => Ok(Ok(receipt.id)),
        Ok(_) => refused("Tệp này không phải là ảnh."),
        Err(error) => judged(error),
    }
}

/// What is wrong with the file is the person's to know; what is wrong with us is not.
fn judged(error: ServiceError) -> Result<Result<String, NoPhoto>, ServiceError> {
    use crate::kernel::refusal::Refusal;
    match error {
        ServiceError::RefusedFor(Refusal::FileTooLarge, _) => Ok(Err(NoPhoto::Refused("Ảnh quá lớn."))),
        ServiceError::RefusedFor(Refusal::FileTypeUnknown, _) => Ok(Err(NoPhoto::Refused("Tệp này không phải là ảnh đọc được."))),
        ServiceError::Invalid(_) => Ok(Err(NoPhoto::Refused("Ảnh bị hỏng hoặc không được nhận."))),
        ServiceError::Refused(Refusal::StorageLow | Refusal::UploadsFull)
        | ServiceError::Wait(Refusal::UploadBytesExhausted, _) => {
            Ok(Err(NoPhoto::Refused("Hiện chưa nhận thêm ảnh được; xin gửi phản ánh không kèm ảnh hoặc thử lại sau.")))
        }
        other => Err(other),
    }
}
