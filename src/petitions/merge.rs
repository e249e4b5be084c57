//! Merging: a duplicate petition ends and its petitioner gets the public answer of the original, with the personal data
//! of both petitioners masked.

use super::duplicates;
use super::step::{Step, on_document, on_petition};
use crate::accounts::access::Caller;
use crate::app::App;
use crate::db::StorageError;
use crate::db::service_error::ServiceError;
use crate::kernel::account::Actor;
use crate::kernel::error_code::ErrorCode;
use crate::kernel::field_problem::FieldRule;
use crate::kernel::ids::{DocumentId, PetitionId};
use crate::petitions::rules::code::PetitionCode;
use crate::petitions::rules::{Action, Audience, DocumentStatus, Status};
use crate::petitions::{publication, store};

/// Merges the petition of a document into another petition of the same agency; for leaders.
///
/// # Errors
/// `UnknownCode` on `into`, [`ErrorCode::MergeIntoItself`]; otherwise see [`on_document`].
pub async fn merge_document(
    app: &App,
    actor: &Actor,
    id: DocumentId,
    version: Option<i32>,
    into: PetitionCode,
) -> Result<DocumentId, ServiceError> {
    on_document(app, actor, id, version, Action::Merge, move |step| decide(step, &into, false)).await
}

/// Merges a petition into any other; for coordinators.
///
/// # Errors
/// `UnknownCode` on `into`, [`ErrorCode::MergeIntoItself`]; otherwise see [`on_petition`].
pub async fn merge_petition(
    app: &App,
    caller: &Caller,
    code: &PetitionCode,
    version: Option<i32>,
    into: PetitionCode,
) -> Result<PetitionId, ServiceError> {
    on_petition(app, caller, code, version, Action::Merge, move |step| decide(step, &into, true)).await
}

fn decide(step: &mut Step<'_>, into: &PetitionCode, any_agency: bool) -> Result<(), ServiceError> {
    // A leader must not see or learn of petitions of other agencies.
    let target = store::state::find_by_code(step.connection, into.as_str())?
        .filter(|target| any_agency || target.agency_id == step.petition.agency_id)
        .ok_or_else(|| ServiceError::invalid("into", FieldRule::UnknownCode))?;
    // Locks the original: a concurrent answer either sees this duplicate or is seen here, so the petitioner is notified
    // by one of the two.
    let target = store::state::find_for_change(step.connection, target.id)?.ok_or(StorageError::Missing)?;
    if target.id == step.petition.id || !target.status.is_valid() {
        return Err(ErrorCode::MergeIntoItself.into());
    }
    // A petition with duplicates cannot be merged: their petitioners would wait for an answer that never comes.
    if !store::list::duplicates_of(step.connection, step.ctx.petition.id)?.is_empty() {
        return Err(ErrorCode::HasDuplicates.into());
    }
    // An answer already published may name this petitioner as well.
    publication::hide_too(step.connection, target.id, step.ctx.petition.id)?;
    step.petition.status = Status::Duplicate;
    step.petition.paused_at = None;
    step.petition.merged_into_id = Some(target.id);
    step.close_document(DocumentStatus::Voided);
    step.entry.add_detail("into", target.code);
    if let Some(ending) = duplicates::ending(target.status) {
        step.entry.add_detail(duplicates::OUTCOME, ending.as_str());
    }
    step.entry.notify.push(Audience::Petitioner);
    Ok(())
}
