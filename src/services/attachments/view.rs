//! Attachments as lists show them: what they are, and links to what may be seen.
//!
//! Rule: a link leads to what was made anew; the original has an address of its own, which asks who comes.

use super::{OriginalAccess, Rendition, SHOWN_AS};
use crate::app::App;
use crate::domain::Instant;
use crate::domain::attachment::{AttachmentKind, AttachmentState, FileId, Occasion};
use crate::domain::ids::PetitionId;
use crate::services::error::ServiceError;
use crate::storage::DbConnection;
use crate::storage::attachments::{self, AttachmentRow};
use crate::storage::petitions::petitioners;
use chrono::Duration;
use serde::Serialize;
use utoipa::ToSchema;

/// An attachment of a petition.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AttachmentView {
    /// Its name.
    pub id: String,
    /// What the original is; where everybody reads, what the link leads to.
    pub media_type: String,
    /// How many bytes it has; 0 where the store of files does not tell now.
    pub size: i64,
    /// Whether it may be seen.
    pub state: AttachmentState,
    /// Where the image made anew is, for a while; none for other files.
    #[schema(example = "/api/v1/files/cw…")]
    pub url: Option<String>,
    /// Where a small image is, for a while; none for other files.
    pub thumbnail_url: Option<String>,
    /// What the agency that handles the petition gets of the original; none before it may be seen, and for everybody else.
    pub original: Option<OriginalAccess>,
}

/// Who looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reader {
    /// The petitioner, the holding agency, the coordinator.
    Involved,
    /// An agency that held the petition before: as it was filed.
    FormerHolder,
    /// Everybody: images that the petition was filed with.
    Public,
}

impl Reader {
    fn sees(self, row: &AttachmentRow) -> bool {
        let as_filed = row.occasion == Some(Occasion::File);
        match self {
            Self::Involved => true,
            Self::FormerHolder => as_filed,
            Self::Public => as_filed && row.kind == AttachmentKind::Image && row.state == AttachmentState::Ready,
        }
    }
}

/// The attachments of a petition that the reader may know of.
///
/// # Errors
/// Only those of the database.
pub fn of_petition(
    app: &App,
    connection: &mut DbConnection,
    petition: PetitionId,
    reader: Reader,
) -> Result<Vec<AttachmentView>, ServiceError> {
    let until = app.now().plus(Duration::minutes(i64::from(app.config.link_minutes)));
    let rows = attachments::of_petition(connection, petition)?;
    let hides = match reader {
        Reader::Involved if !rows.is_empty() => Some(petitioners::hides(connection, petition)?),
        _ => None,
    };
    Ok(rows.into_iter().filter(|row| reader.sees(row)).map(|row| view(app, row, reader, (until, hides))).collect())
}

fn view(app: &App, row: AttachmentRow, reader: Reader, (until, hides): (Instant, Option<bool>)) -> AttachmentView {
    let id: Option<FileId> = row.id.parse().ok();
    let shown = id.filter(|_| row.kind == AttachmentKind::Image && row.state == AttachmentState::Ready);
    let links = &app.attachments.links;
    let signed = |id: &FileId, rendition| match reader {
        Reader::Public => links.sign_for_all(id, rendition, until),
        Reader::Involved | Reader::FormerHolder => links.sign(id, rendition, until),
    };
    let link = |rendition| shown.as_ref().map(|id| format!("/api/v1/files/{}", signed(id, rendition)));
    AttachmentView {
        url: link(Rendition::Shown),
        thumbnail_url: link(Rendition::Thumbnail),
        original: hides.filter(|_| row.state == AttachmentState::Ready).map(|hides| OriginalAccess::of(&row.media_type, hides)),
        id: row.id,
        media_type: row.media_type,
        size: row.size,
        state: row.state,
    }
}

/// Says of an image what its link leads to: nobody else learns of the original.
pub(in crate::services) async fn as_delivered(app: &App, image: &mut AttachmentView) {
    let size = app.attachments.files.size(&Rendition::Shown.name(&image.id)).await;
    image.size = size.ok().and_then(|size| i64::try_from(size).ok()).unwrap_or_default();
    SHOWN_AS.clone_into(&mut image.media_type);
}
