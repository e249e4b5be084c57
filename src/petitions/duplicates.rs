//! What those around a duplicate may know of the petition that it repeats, and that they are told of it each time.
//!
//! Whoever may read a duplicate may not read the other petition. So one view leaves this file: the words of the answer as everybody reads
//! them, none when they are not public; what it says, when, by which agency; of a refusal its reason. A score, a comment, a note or a
//! person never does. Rule: of one event a person is told once, however many of the petitions they filed.

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

/// Under which name the entry of a duplicate says how the other petition ended.
pub const OUTCOME: &str = "original_status";
/// Under which name it says why, where it was refused.
pub const REASON: &str = "reason_code";

/// The answer to another petition.
#[derive(Debug, Clone, PartialEq)]
pub struct SharedAnswer {
    /// Its public words, with the people of both petitions masked; none once it is not public.
    pub content: Option<String>,
    /// What it says in one word.
    pub outcome: Outcome,
    /// The promised day.
    pub promised_on: Option<NaiveDate>,
    /// When it was sent.
    pub answered_at: Option<Instant>,
    /// The agency that gave it.
    pub agency: Option<CodeName>,
}

/// The answer sent last to the petition that this one repeats.
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

/// How a petition ended for those who wait for it; none while it is open.
#[must_use]
pub const fn ending(status: Status) -> Option<Status> {
    match status {
        Status::Answered | Status::Closed => Some(Status::Answered),
        Status::Refused | Status::Withdrawn => Some(status),
        _ => None,
    }
}

/// Tells the petitioners of everything that repeats this petition how it ended, in the transaction that ended it.
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
    // Whoever takes a petition back is not told that they did.
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

/// Whether two petitioners read the same messages.
fn is_same(one: &Recipient, other: &Recipient) -> bool {
    (one.account_id.is_some() && one.account_id == other.account_id)
        || (one.email.is_some() && one.email == other.email)
        || (one.phone.is_some() && one.phone == other.phone)
        || (one.zalo_user.is_some() && one.zalo_user == other.zalo_user)
}

/// Why the petition that this one repeats was refused, if it was.
pub fn refused(connection: &mut DbConnection, duplicate: &PetitionRow) -> Result<Option<PetitionRow>, ServiceError> {
    let Some(original) = duplicate.merged_into_id else { return Ok(None) };
    Ok(state::find(connection, original)?.filter(|original| original.status == Status::Refused))
}
