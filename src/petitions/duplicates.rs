//! What the petitioner and officers of a duplicate may know of the original petition, and how they are notified about
//! it.
//!
//! Access to a duplicate does not give access to the original. Only a limited view leaves this file: the public text of
//! the answer (none when it is not public), its outcome, date and agency, and the reason of a refusal; never a score,
//! comment, note or person. A person is notified once per event, however many of the petitions they filed.

use super::file::CodeName;
use super::step::by_system;
use crate::app::App;
use crate::db::DbConnection;
use crate::db::service_error::ServiceError;
use crate::delivery::store::outbox::{Recipient, recipient};
use crate::directory::rules::directory::Directory;
use crate::kernel::Instant;
use crate::petitions::rules::{Action, Audience, Outcome, ReasonCode, Status};
use crate::petitions::store::{PetitionRow, answers, documents, list, publications, state};
use chrono::NaiveDate;

/// Detail key, in the timeline entry of a duplicate, for the final status of the original.
pub const OUTCOME: &str = "original_status";
/// Detail key for the reason when the original was refused.
pub const REASON: &str = "reason_code";

/// The answer to the original petition, as shown on a duplicate.
#[derive(Debug, Clone, PartialEq)]
pub struct SharedAnswer {
    /// Public text with the petitioners of both petitions masked; `None` when the answer is not public.
    pub content: Option<String>,
    pub outcome: Outcome,
    pub promised_on: Option<NaiveDate>,
    pub answered_at: Option<Instant>,
    pub agency: Option<CodeName>,
}

/// Returns the last answer sent to the original petition.
pub fn answer(
    connection: &mut DbConnection,
    directory: &Directory,
    duplicate: &PetitionRow,
) -> Result<Option<SharedAnswer>, ServiceError> {
    let Some(original) = duplicate.merged_into_id else { return Ok(None) };
    let Some(sent) = answers::sent(connection, original)? else { return Ok(None) };
    let public = publications::of_petition(connection, original)?;
    let document = documents::state::find(connection, sent.document_id)?;
    let agency = document.and_then(|document| directory.agency(document.agency_id));
    Ok(Some(SharedAnswer {
        content: public.map(|public| public.answer),
        outcome: sent.outcome,
        promised_on: sent.promised_on,
        answered_at: sent.answered_at,
        agency: agency.map(|agency| CodeName { code: agency.code.clone(), name: agency.name.clone() }),
    }))
}

/// Returns the final status to report to petitioners of duplicates; `None` while it is open or itself a duplicate.
#[must_use]
pub const fn ending(status: Status) -> Option<Status> {
    match status {
        Status::Answered | Status::Closed => Some(Status::Answered),
        Status::Refused | Status::Withdrawn => Some(status),
        _ => None,
    }
}

/// Notifies the petitioners of all duplicates how the original petition ended, in the transaction that ended it.
pub fn notify_duplicates(
    app: &App,
    connection: &mut DbConnection,
    original: &PetitionRow,
    reason: Option<ReasonCode>,
    now: Instant,
) -> Result<(), ServiceError> {
    let Some(ending) = ending(original.status) else { return Ok(()) };
    let duplicates = list::duplicates_of(connection, original.id)?;
    if duplicates.is_empty() {
        return Ok(());
    }
    let mut told = Vec::new();
    // A petitioner who withdraws is not notified of their own withdrawal.
    if ending != Status::Withdrawn {
        told.push(recipient(connection, original.id)?);
    }
    for duplicate in duplicates {
        let person = recipient(connection, duplicate)?;
        let has_account = person.account_id.is_some() && told.iter().any(|other| other.account_id == person.account_id);
        let has_letter = told.iter().any(|other| is_same(other, &person));
        by_system(app, connection, duplicate, Action::ShareAnswer, now, |step| {
            step.entry.add_detail(OUTCOME, ending.as_str());
            step.entry.add_detail("into", original.code.clone());
            if let Some(reason) = reason {
                step.entry.add_detail(REASON, reason.as_str());
            }
            step.entry.is_told_elsewhere = has_letter;
            if !has_account {
                step.entry.notify.push(Audience::Petitioner);
            }
            Ok(())
        })?;
        told.push(person);
    }
    Ok(())
}

/// Returns whether two recipients receive the same messages.
fn is_same(one: &Recipient, other: &Recipient) -> bool {
    (one.account_id.is_some() && one.account_id == other.account_id)
        || (one.email.is_some() && one.email == other.email)
        || (one.phone.is_some() && one.phone == other.phone)
        || (one.zalo_user.is_some() && one.zalo_user == other.zalo_user)
}

/// Returns the original petition if it was refused.
pub fn refused(connection: &mut DbConnection, duplicate: &PetitionRow) -> Result<Option<PetitionRow>, ServiceError> {
    let Some(original) = duplicate.merged_into_id else { return Ok(None) };
    Ok(state::find(connection, original)?.filter(|original| original.status == Status::Refused))
}
