//! Attachments on the wire: uploads at once and in pieces, files on their way out.

mod multipart;
pub mod tus;
pub mod upload;

use crate::attachments::rules::FileId;
use crate::kernel::refusal::Refusal;
use crate::web::extract::path::Key;

/// The name of an attachment.
impl Key for FileId {
    const NAME: &'static str = "attachment";
    const MISSING: Refusal = Refusal::AttachmentNotFound;

    fn read(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}
