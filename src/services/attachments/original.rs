//! The original of an attachment, with whatever its camera wrote into it: for the agency that holds the petition.
//!
//! Rule: each look is written down before a byte leaves. The original of an image tells where and with whose device it was taken;
//! of a petitioner who wants to stay unknown the agency gets the image made anew only.

use super::Rendition;
use super::serve::Served;
use crate::app::App;
use crate::domain::account::Actor;
use crate::domain::attachment::{AttachmentKind, AttachmentState, FileId, FileType};
use crate::domain::ids::DocumentId;
use crate::domain::petitioner::LookPurpose;
use crate::domain::refusal::Refusal;
use crate::services::audit::{self, By, Deed};
use crate::services::documents::read::in_register_of;
use crate::services::error::ServiceError;
use crate::storage::attachments;
use crate::storage::petitions::{self, petitioners};

/// For an officer of the holding agency.
///
/// # Errors
/// [`Refusal::DocumentNotFound`], [`Refusal::AttachmentNotFound`]; [`Refusal::IdentityHidden`] when the agency no longer holds the
/// petition, or for an image of a petitioner who wants to stay unknown; [`Refusal::FilesAway`].
pub async fn original(
    app: &App,
    actor: &Actor,
    document: DocumentId,
    id: &FileId,
    purpose: LookPurpose,
) -> Result<Served, ServiceError> {
    let (actor, by, id, now) = (actor.clone(), By::account(actor), id.to_string(), app.now());
    let row = app
        .db
        .write(move |connection| {
            let document = in_register_of(connection, &actor, document)?;
            let petition = petitions::state::find(connection, document.petition_id)?.ok_or(Refusal::DocumentNotFound)?;
            let row = attachments::find(connection, &id)?.filter(|row| row.petition_id == Some(petition.id));
            let row = row.filter(|row| row.state == AttachmentState::Ready).ok_or(Refusal::AttachmentNotFound)?;
            let hides = petitioners::find(connection, petition.id)?.hide_identity && row.kind == AttachmentKind::Image;
            if petition.agency_id != actor.agency_id || hides {
                return Err(Refusal::IdentityHidden.into());
            }
            let deed = Deed::new("read_original", "petition", &petition.code).tell("attachment", row.id.clone());
            audit::look(connection, &by, &petition, actor.account_id, now, ("original", purpose, deed))?;
            Ok::<_, ServiceError>(row)
        })
        .await?;
    let extension = FileType::stored_as(&row.media_type).map_or("bin", |file_type| file_type.extension);
    let (size, bytes) = app.attachments.files.stream(&Rendition::Original.name(&row.id)).await?;
    Ok(Served { name: format!("{}.{extension}", row.id), media_type: row.media_type, size, bytes, keep_seconds: 0 })
}
