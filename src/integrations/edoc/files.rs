//! Which files of a petition go along with its document, and their bytes.
//!
//! Chosen in the transaction that composes the message, fetched after it: the store of files may be slow or away. Rules: files that are
//! not clean stay here; of a petitioner who wants to stay unknown the agency gets images made anew and
//! recordings without metadata, as on the desk; what does not fit
//! into a message is named in it, so that nobody takes it for whole.

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

/// So long after the arrival of the document files may still be looked through before it goes without them.
const PATIENCE: Duration = Duration::minutes(10);
/// The type of every image made anew.
const SHOWN: &str = "image/jpeg";

/// A file that goes along.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct EnclosedFile {
    pub id: String,
    pub rendition: Rendition,
    pub access: OriginalAccess,
    pub name: String,
    pub media_type: String,
}

/// What becomes of the files of a petition.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct EnclosedFiles {
    pub enclosed: Vec<EnclosedFile>,
    /// Files that stay here and may be asked for there.
    pub left_out: usize,
}

impl EnclosedFiles {
    /// Whether an original leaves as it is, which tells of whoever made it.
    pub fn tells_of_the_person(&self) -> bool {
        self.enclosed.iter().any(|file| file.rendition == Rendition::Original && file.access == OriginalAccess::Whole)
    }
}

/// Which files go along with a document that was announced then; none when it is worth waiting for those that are looked through.
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

/// An image is made anew, a recording leaves without its metadata; of anything else nobody can say what is in it.
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

/// The bytes of the files.
///
/// # Errors
/// [`CarrierError::Files`] when the store does not serve them now.
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
                // It is built in an unusual way: it stays here, as on the desk.
                Err(strip_metadata::UnknownLayout) => continue,
            }
        }
        files.push(Attachment { name: file.name.clone(), media_type: file.media_type.clone(), bytes });
    }
    Ok(files)
}
