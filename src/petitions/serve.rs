//! Serves an image rendition behind a signed link.
//!
//! Access is checked again at each use of a link. It returns "not found" for an attachment found infected since, and
//! for a link whose reader may no longer see the petition: one refused, withdrawn, merged, anonymised, transferred or
//! taken off the public list since.

use crate::app::App;
use crate::attachments::view::AttachmentViewer;
use crate::attachments::{Rendition, store as attachments};
use crate::db::DbConnection;
use crate::db::file_store::FileStoreError;
use crate::db::service_error::ServiceError;
use crate::kernel::error_code::ErrorCode;
use crate::petitions::store::{publications, state};
use bytes::Bytes;
use futures_util::stream::BoxStream;

/// A file to send in a response.
pub struct ServedFile {
    pub media_type: String,
    /// File name for saving.
    pub name: String,
    /// Size in bytes.
    pub size: u64,
    pub bytes: BoxStream<'static, Result<Bytes, FileStoreError>>,
    /// How many seconds the client may cache it.
    pub keep_seconds: i64,
}

/// Opens a signed link.
///
/// # Errors
/// [`ErrorCode::AttachmentNotFound`] for an invalid, expired or revoked link, [`ErrorCode::FilesAway`].
pub async fn by_link(app: &App, link: &str) -> Result<ServedFile, ServiceError> {
    let opened = app.attachments.links.open(link, app.now())?;
    if opened.rendition == Rendition::Original {
        return Err(ErrorCode::AttachmentNotFound.into());
    }
    let (id, is_public) = (opened.id.to_string(), app.config.publish_images);
    let (reader, was_valid) = (opened.reader, opened.was_valid);
    let found = move |connection: &mut DbConnection| {
        let row = attachments::find(connection, &id)?.filter(|row| reader.may_open(row));
        let Some((row, petition)) = row.and_then(|row| row.petition_id.map(|petition| (row, petition))) else { return Ok(None) };
        let petition = state::find(connection, petition)?.filter(|petition| petition.status.is_valid() == was_valid);
        let Some(petition) = petition else { return Ok(None) };
        let may_look = match reader {
            AttachmentViewer::Petitioner | AttachmentViewer::Coordinator => true,
            AttachmentViewer::Agency(agency) => petition.agency_id == Some(agency),
            AttachmentViewer::Public => is_public && publications::find(connection, &petition.code)?.is_some(),
        };
        Ok::<_, ServiceError>(may_look.then_some(row))
    };
    let row = app.db.read(found).await?.ok_or(ErrorCode::AttachmentNotFound)?;
    let (size, bytes) = app.attachments.files.stream(&opened.rendition.name(&row.id)).await?;
    Ok(ServedFile {
        media_type: "image/jpeg".to_owned(),
        name: format!("{}.jpg", row.id),
        size,
        bytes,
        keep_seconds: opened.seconds_left,
    })
}
