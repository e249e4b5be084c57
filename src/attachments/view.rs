//! Attachments as lists show them: metadata and links to renditions.
//!
//! Links lead to renditions; the original has its own endpoint, which checks the permission.

use super::OriginalAccess;
use super::Rendition;
use super::SHOWN_AS;
use crate::app::App;
use crate::attachments::rules::{AttachmentKind, AttachmentState, FileId, Occasion};
use crate::attachments::store::{self, AttachmentRow};
use crate::db::DbConnection;
use crate::db::service_error::ServiceError;
use crate::kernel::ids::{AgencyId, PetitionId};
use crate::petitions::original::access_to;
use crate::petitions::rules::Status;
use crate::petitions::store::petitioners;
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

/// The reader for whom a link is issued; the link works only while this reader may see the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttachmentViewer {
    Petitioner,
    Coordinator,
    /// The agency that holds the petition.
    Agency(AgencyId),
    /// Everybody: images that were filed with a published petition.
    Public,
}

impl AttachmentViewer {
    fn sees(self, row: &AttachmentRow) -> bool {
        match self {
            Self::Petitioner | Self::Coordinator | Self::Agency(_) => true,
            Self::Public => self.may_open(row),
        }
    }

    /// Returns whether this reader may open the renditions of an image.
    #[must_use]
    pub fn may_open(self, row: &AttachmentRow) -> bool {
        let is_shown = row.kind == AttachmentKind::Image && row.state == AttachmentState::Ready;
        is_shown && (self != Self::Public || row.occasion == Some(Occasion::File))
    }
}

/// Returns the attachments of a petition (in the given state) that the reader may see.
pub fn of_petition(
    app: &App,
    connection: &mut DbConnection,
    (petition, status): (PetitionId, Status),
    reader: AttachmentViewer,
) -> Result<Vec<AttachmentView>, ServiceError> {
    if reader == AttachmentViewer::Public && !status.is_valid() {
        return Ok(Vec::new());
    }
    let until = app.now().plus(Duration::minutes(i64::from(app.config.link_minutes)));
    let sign = |id: &FileId, rendition| app.attachments.links.sign(id, rendition, until, (reader, status.is_valid()));
    let rows = store::of_petition(connection, petition)?;
    let hides = match reader {
        AttachmentViewer::Public => None,
        _ if rows.is_empty() => None,
        _ => Some(petitioners::hides(connection, petition)?),
    };
    Ok(rows.into_iter().filter(|row| reader.sees(row)).map(|row| view(row, reader, hides, &sign)).collect())
}

fn view(
    row: AttachmentRow,
    reader: AttachmentViewer,
    hides: Option<bool>,
    sign: &dyn Fn(&FileId, Rendition) -> String,
) -> AttachmentView {
    let id: Option<FileId> = row.id.parse().ok();
    let shown = id.filter(|_| reader.may_open(&row));
    let link = |rendition| shown.as_ref().map(|id| format!("/api/v1/files/{}", sign(id, rendition)));
    AttachmentView {
        url: link(Rendition::Shown),
        thumbnail_url: link(Rendition::Thumbnail),
        original: hides.filter(|_| row.state == AttachmentState::Ready).map(|hides| access_to(&row, hides)),
        id: row.id,
        media_type: row.media_type,
        size: row.size,
        state: row.state,
    }
}

/// Sets the description of an image to its rendition, so that details of the original are not revealed.
pub(crate) async fn as_delivered(app: &App, image: &mut AttachmentView) {
    let size = app.attachments.files.size(&Rendition::Shown.name(&image.id)).await;
    image.size = size.ok().and_then(|size| i64::try_from(size).ok()).unwrap_or_default();
    SHOWN_AS.clone_into(&mut image.media_type);
}
