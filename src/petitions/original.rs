//! Download of an attachment's original, with its camera metadata, for the agency that holds the petition.
//!
//! Every access is logged before the first byte is sent. Metadata can reveal place, device and author: if the
//! petitioner hides their identity, the agency gets a copy without metadata, or nothing when the format does not allow
//! one. The coordinator, who may know the person, gets the file as uploaded.

use super::serve::ServedFile;
use crate::accounts::access::Caller;
use crate::app::App;
use crate::attachments::rules::{AttachmentState, FileId, FileType};
use crate::attachments::store::{self as attachments, AttachmentRow};
use crate::attachments::strip_metadata::{self, UnknownLayout};
use crate::attachments::{OriginalAccess, Rendition};
use crate::audit::{AuditActor, AuditEvent};
use crate::db::DbConnection;
use crate::db::service_error::ServiceError;
use crate::kernel::account::{Actor, Role};
use crate::kernel::error_code::ErrorCode;
use crate::kernel::ids::{DocumentId, PetitionId};
use crate::petitions::documents::read::in_register_of;
use crate::petitions::read::visible;
use crate::petitions::rules::code::PetitionCode;
use crate::petitions::rules::petitioner::LookPurpose;
use crate::petitions::store::{self, petitioners};

/// Returns the original for an officer of the holding agency.
///
/// # Errors
/// [`ErrorCode::DocumentNotFound`], [`ErrorCode::AttachmentNotFound`]; [`ErrorCode::IdentityHidden`] when the agency no longer holds the
/// petition, [`ErrorCode::OriginalWithheld`] for a file of a petitioner who wants to stay unknown; [`ErrorCode::FilesAway`].
pub async fn original(
    app: &App,
    actor: &Actor,
    document: DocumentId,
    id: &FileId,
    purpose: LookPurpose,
) -> Result<ServedFile, ServiceError> {
    let (actor, by, id, now) = (actor.clone(), AuditActor::account(actor), id.to_string(), app.now());
    let (row, access) = app
        .db
        .write(move |connection| {
            let document = in_register_of(connection, &actor, document)?;
            let petition = store::state::find(connection, document.petition_id)?.ok_or(ErrorCode::DocumentNotFound)?;
            let row = ready(connection, petition.id, &id)?;
            if petition.agency_id != actor.agency_id {
                return Err(ErrorCode::IdentityHidden.into());
            }
            let access = access_to(&row, petitioners::hides(connection, petition.id)?);
            if access == OriginalAccess::Withheld {
                return Err(ErrorCode::OriginalWithheld.into());
            }
            let event = AuditEvent::new("read_original", "petition", &petition.code).with("attachment", row.id.clone());
            let event = event.with("access", access.as_str());
            crate::petitions::identity_access::log_access(
                connection,
                &by,
                &petition,
                actor.account_id,
                now,
                ("original", purpose, event),
            )?;
            Ok::<_, ServiceError>((row, access))
        })
        .await?;
    served(app, row, access).await
}

/// Returns the original as uploaded, for the coordinator.
///
/// # Errors
/// [`ErrorCode::PetitionNotFound`], [`ErrorCode::RoleMissing`], [`ErrorCode::AttachmentNotFound`], [`ErrorCode::FilesAway`].
pub async fn original_for_coordinator(
    app: &App,
    actor: &Actor,
    code: &PetitionCode,
    id: &FileId,
    purpose: LookPurpose,
) -> Result<ServedFile, ServiceError> {
    let (actor, by, code, id, now) = (actor.clone(), AuditActor::account(actor), code.clone(), id.to_string(), app.now());
    let row = app
        .db
        .write(move |connection| {
            let (petition, _) = visible(connection, &Caller::account(actor.clone()), &code)?;
            if !actor.has(Role::Coordinator) {
                return Err(ErrorCode::RoleMissing.into());
            }
            let row = ready(connection, petition.id, &id)?;
            let event =
                AuditEvent::new("read_coordination_original", "petition", &petition.code).with("attachment", row.id.clone());
            crate::petitions::identity_access::log_access(
                connection,
                &by,
                &petition,
                actor.account_id,
                now,
                ("original", purpose, event),
            )?;
            Ok::<_, ServiceError>(row)
        })
        .await?;
    served(app, row, OriginalAccess::Whole).await
}

/// Returns what the agency gets of a file, by its media type, its scan result and whether the petitioner hides.
pub(crate) fn access_to(row: &AttachmentRow, hides: bool) -> OriginalAccess {
    match OriginalAccess::of(&row.media_type, hides) {
        OriginalAccess::WithoutMetadata if strip_metadata::is_unclear(&row.id) => OriginalAccess::Withheld,
        access => access,
    }
}

fn ready(connection: &mut DbConnection, petition: PetitionId, id: &str) -> Result<AttachmentRow, ServiceError> {
    let row = attachments::find(connection, id)?.filter(|row| row.petition_id == Some(petition));
    Ok(row.filter(|row| row.state == AttachmentState::Ready).ok_or(ErrorCode::AttachmentNotFound)?)
}

async fn served(app: &App, row: AttachmentRow, access: OriginalAccess) -> Result<ServedFile, ServiceError> {
    let extension = FileType::stored_as(&row.media_type).map_or("bin", |file_type| file_type.extension);
    let name = format!("{}.{extension}", row.id);
    let (files, stored) = (&app.attachments.files, Rendition::Original.name(&row.id));
    let (size, bytes) = match access {
        OriginalAccess::Whole => files.stream(&stored).await?,
        OriginalAccess::Withheld => return Err(ErrorCode::OriginalWithheld.into()),
        OriginalAccess::WithoutMetadata => {
            let spool = files.fetch(&stored, files.spool().await?).await?;
            let (size, mut file) = (spool.size(), spool.reader().map_err(|_| ErrorCode::FilesAway)?);
            let (id, media_type) = (row.id.clone(), row.media_type.clone());
            let (file, blanks) = files
                .blocking(move || {
                    let blanks = strip_metadata::look(&id, &mut file, &media_type);
                    Ok((file, blanks))
                })
                .await?;
            // The temporary file is unlinked here; its bytes stay as long as the handle is open.
            let blanks = blanks.map_err(|UnknownLayout| ErrorCode::OriginalWithheld)?;
            (u64::try_from(size).unwrap_or_default(), strip_metadata::stream(files, file, blanks))
        }
    };
    Ok(ServedFile { name, media_type: row.media_type, size, bytes, keep_seconds: 0 })
}
