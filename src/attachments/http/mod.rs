//! HTTP endpoints for attachments: single-request uploads, resumable uploads (tus), and downloads.

mod multipart;
pub mod tus;
pub mod upload;

use crate::attachments::rules::FileId;
use crate::kernel::error_code::ErrorCode;
use crate::web::extract::path::PathKey;

impl PathKey for FileId {
    const NAME: &'static str = "attachment";
    const MISSING: ErrorCode = ErrorCode::AttachmentNotFound;

    fn read(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}
