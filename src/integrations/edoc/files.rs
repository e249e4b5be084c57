//! Selects the attachments sent with a document and loads their bytes.
//!
//! They are selected in the transaction that composes the message and loaded after it, because the file store may be
//! slow or unavailable. Rules: files that are not scanned clean are left out. If the petitioner hides their identity,
//! the agency gets re-encoded images and recordings without metadata, as officers do. Files that do not fit are named
//! in the message, so that nobody takes it for complete.

use super::carrier::CarrierError;
use crate::app::App;
use crate::attachments::rules::{AttachmentKind, AttachmentState, FileType};
use crate::attachments::store::AttachmentRow;
use crate::attachments::{OriginalAccess, Rendition, strip_metadata};
use crate::integrations::edoc::rules::edxml::message::Attachment;
use crate::kernel::Instant;
use chrono::Duration;
use futures_util::TryStreamExt;
use std::io::Cursor;

/// How long after arrival of the document to wait for the file scan before sending without the unscanned files.
const PATIENCE: Duration = Duration::minutes(10);
/// Media type of re-encoded images.
const SHOWN: &str = "image/jpeg";

/// An attachment to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct EnclosedFile {
    pub id: String,
    pub rendition: Rendition,
    pub access: OriginalAccess,
    pub name: String,
    pub media_type: String,
}

/// The selection of a petition's attachments.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct EnclosedFiles {
    pub enclosed: Vec<EnclosedFile>,
    /// Number of files left out, which the agency may request.
    pub left_out: usize,
}

impl EnclosedFiles {
    /// Whether the original is sent unchanged, which may identify its author.
    pub fn tells_of_the_person(&self) -> bool {
        self.enclosed.iter().any(|file| file.rendition == Rendition::Original && file.access == OriginalAccess::Whole)
    }
}

/// Selects the attachments of a document announced at a given time; `None` while it is worth waiting for the scan.
pub(super) fn choose(
    app: &App,
    rows: Vec<AttachmentRow>,
    hides: bool,
    announced: Instant,
    now: Instant,
) -> Option<EnclosedFiles> {
    let is_waiting = rows.iter().any(|row| row.state == AttachmentState::Scanning);
    if is_waiting && now < announced.plus(PATIENCE) {
        return None;
    }
    let mut room = app.config.exchange_files_max_bytes;
    let mut choice = EnclosedFiles::default();
    for (number, row) in (1..).zip(rows) {
        let size = u64::try_from(row.size).unwrap_or(u64::MAX);
        match row.state {
            AttachmentState::Ready if size <= room && !is_withheld(&row, hides) => {
                room -= size;
                choice.enclosed.push(enclosed(row, hides, number));
            }
            AttachmentState::Ready | AttachmentState::Scanning => choice.left_out += 1,
            AttachmentState::Infected | AttachmentState::Damaged => {}
        }
    }
    Some(choice)
}

/// Whether a file is left out. Images are re-encoded and recordings lose their metadata; other types may contain
/// anything.
fn is_withheld(row: &AttachmentRow, hides: bool) -> bool {
    row.kind != AttachmentKind::Image && OriginalAccess::of(&row.media_type, hides) == OriginalAccess::Withheld
}

fn enclosed(row: AttachmentRow, hides: bool, number: usize) -> EnclosedFile {
    let is_made_anew = hides && row.kind == AttachmentKind::Image;
    let access = OriginalAccess::of(&row.media_type, hides);
    let (rendition, media_type) =
        if is_made_anew { (Rendition::Shown, SHOWN.to_owned()) } else { (Rendition::Original, row.media_type) };
    let extension = FileType::stored_as(&media_type).map_or("bin", |file_type| file_type.extension);
    EnclosedFile { id: row.id, rendition, access, name: format!("tep-dinh-kem-{number}.{extension}"), media_type }
}

/// Loads the bytes of the attachments.
///
/// # Errors
/// [`CarrierError::Files`] when the file store is unavailable.
pub(super) async fn fetch(app: &App, enclosed: &[EnclosedFile]) -> Result<Vec<Attachment>, CarrierError> {
    let mut files = Vec::new();
    for file in enclosed {
        let failed = |error: crate::db::file_store::FileStoreError| CarrierError::Files(error.to_string());
        let (_, mut pieces) = app.attachments.files.stream(&file.rendition.name(&file.id)).await.map_err(failed)?;
        let mut bytes = Vec::new();
        while let Some(piece) = pieces.try_next().await.map_err(failed)? {
            bytes.extend_from_slice(&piece);
        }
        if file.rendition == Rendition::Original && file.access == OriginalAccess::WithoutMetadata {
            match strip_metadata::blanks(&mut Cursor::new(&bytes), &file.media_type) {
                Ok(blanks) => strip_metadata::lay_over(&mut bytes, 0, &blanks),
                // Unknown file layout, so metadata cannot be removed: leave it out, as for officers.
                Err(strip_metadata::UnknownLayout) => continue,
            }
        }
        files.push(Attachment { name: file.name.clone(), media_type: file.media_type.clone(), bytes });
    }
    Ok(files)
}
