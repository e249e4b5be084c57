//! Attachments on the wire: uploads at once and in pieces, files on their way out.

mod multipart;
pub mod tus;
pub mod upload;

use crate::attachments::rules::FileId;
use crate::kernel::error_code::ErrorCode;
use crate::web::extract::path::PathKey;

/// The name of an attachment.
impl PathKey for FileId {
    const NAME: &'static str = "attachment";
    const MISSING: ErrorCode = ErrorCode::AttachmentNotFound;

    fn read(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}
