//! What a signed link opens: the bytes of one image that was made anew.
//!
//! Rule: a link is asked again at each use; an attachment that was found infected meanwhile is not there any more, and what everybody
//! was shown ends with the publication.

use super::Rendition;
use crate::app::App;
use crate::domain::attachment::AttachmentState;
use crate::domain::refusal::Refusal;
use crate::services::error::ServiceError;
use crate::storage::files::FilesError;
use crate::storage::{DbConnection, attachments, publications};
use bytes::Bytes;
use futures_util::stream::BoxStream;

/// A file on its way out.
pub struct Served {
    /// Its media type.
    pub media_type: String,
    /// The name under which it is saved.
    pub name: String,
    /// How many bytes.
    pub size: u64,
    /// The bytes.
    pub bytes: BoxStream<'static, Result<Bytes, FilesError>>,
    /// For how many seconds a client may keep it.
    pub keep_seconds: i64,
}

/// Opens a link.
///
/// # Errors
/// [`Refusal::AttachmentNotFound`] for a link that is not good any more or never was, [`Refusal::FilesAway`].
pub async fn by_link(app: &App, link: &str) -> Result<Served, ServiceError> {
    let opened = app.attachments.links.open(link, app.now())?;
    if opened.rendition == Rendition::Original {
        return Err(Refusal::AttachmentNotFound.into());
    }
    let id = opened.id.to_string();
    let is_public = opened.is_public;
    let find = move |connection: &mut DbConnection| {
        let row = attachments::find(connection, &id)?.filter(|row| row.state == AttachmentState::Ready);
        let petition = row.as_ref().and_then(|row| row.petition_id);
        let is_shown = match petition {
            None => false,
            Some(petition) if is_public => publications::of_petition(connection, petition)?.is_some(),
            Some(_) => true,
        };
        Ok::<_, ServiceError>(row.filter(|_| is_shown))
    };
    let row = app.db.read(find).await?;
    let row = row.ok_or(Refusal::AttachmentNotFound)?;
    let (size, bytes) = app.attachments.files.stream(&opened.rendition.name(&row.id)).await?;
    Ok(Served {
        media_type: "image/jpeg".to_owned(),
        name: format!("{}.jpg", row.id),
        size,
        bytes,
        keep_seconds: opened.seconds_left,
    })
}
