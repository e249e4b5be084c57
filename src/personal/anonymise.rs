//! Anonymises a handled petition: removes name, contact, location, tracking code, account and files, and masks
//! personal data in the texts.
//!
//! Everything the statistics count stays: the petition, its register row, and its timeline except for the
//! texts. Rules: an open petition keeps its petitioner, who has to be answered, unless the petitioner requests
//! erasure; the hashes of the timeline are never rewritten, and every redacted text is named in the audit
//! record ([`super::redaction`]).

use super::files::remove_files;
use super::mentions;
use super::redact::{TextKind, forget_person, redact};
use super::redaction::{self, Redaction};
use crate::app::App;
use crate::audit::{self, AuditActor, AuditEvent};
use crate::db::DbConnection;
use crate::db::service_error::ServiceError;
use crate::kernel::Instant;
use crate::kernel::ids::PetitionId;
use crate::personal::store::{redacted_texts, subjects};
use crate::petitions::publication;
use crate::petitions::rules::masking::mask;
use crate::petitions::rules::traces::KnownTraces;
use crate::petitions::store::{PetitionRow, PetitionerRow, petitioners, state};
use chrono::Months;

/// Petitions per round.
const BATCH: i64 = 200;

/// Why a petition is anonymised; stored in the `anonymisations` table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ErasureCause {
    /// The retention period has passed: known personal data is masked in every text.
    Retention,
    /// The person requests erasure: notes, questions and replies are removed completely, the case itself is
    /// masked.
    Erasure,
}

impl ErasureCause {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Retention => "retention",
            Self::Erasure => "erasure",
        }
    }
}

/// Returns everything that may identify a person in the texts of their petition.
pub(super) fn known(person: &PetitionerRow) -> KnownTraces {
    let mut known = KnownTraces::default();
    person.full_name.iter().for_each(|name| known.name(name));
    person.company_name.iter().for_each(|name| known.description(name));
    person.address.iter().for_each(|address| known.description(address));
    person.phone.iter().chain(&person.tax_code).for_each(|number| known.number(number));
    person.email.iter().for_each(|email| known.email(email));
    known
}

/// Returns what identifies one person and not the other: both may be the same, or share a name or an address.
fn known_beside(person: &PetitionerRow, other: &PetitionerRow) -> KnownTraces {
    let unless_same = |one: &Option<String>, other: &Option<String>| one.clone().filter(|_| one != other);
    known(&PetitionerRow {
        full_name: unless_same(&person.full_name, &other.full_name),
        company_name: unless_same(&person.company_name, &other.company_name),
        address: unless_same(&person.address, &other.address),
        phone: unless_same(&person.phone, &other.phone),
        tax_code: unless_same(&person.tax_code, &other.tax_code),
        email: unless_same(&person.email, &other.email),
        ..person.clone()
    })
}

/// Anonymises a petition and returns the files to delete; `None` when it is open or was anonymised before.
pub(super) fn anonymise(
    connection: &mut DbConnection,
    by: &AuditActor,
    id: PetitionId,
    (cause, more): (ErasureCause, &KnownTraces),
    now: Instant,
) -> Result<Option<Vec<String>>, ServiceError> {
    match state::find_for_change(connection, id)? {
        Some(petition) if !petition.status.is_open() => remove_person(connection, by, &petition, (cause, more), now),
        _ => Ok(None),
    }
}

/// Anonymises a petition in any state and returns the files to delete; `None` when it was anonymised before.
pub(super) fn remove_person(
    connection: &mut DbConnection,
    by: &AuditActor,
    petition: &PetitionRow,
    (cause, more): (ErasureCause, &KnownTraces),
    now: Instant,
) -> Result<Option<Vec<String>>, ServiceError> {
    let id = petition.id;
    if !subjects::note_anonymised(connection, id, cause.as_str(), now)? {
        return Ok(None);
    }
    let person = petitioners::find(connection, id)?;
    let in_public = publication::known(&person).phrase(person.address.as_deref());
    let known = known(&person);
    let masked = |text: &str| more.redacted(&known.redacted(&mask(text, &in_public)));
    let mut lost = redact(connection, id, &|kind, text| match (cause, kind) {
        // Handlers of an open petition still need its notes and replies.
        (ErasureCause::Erasure, TextKind::Words) if !petition.status.is_open() => None,
        _ => Some(masked(text)),
    })?;
    lost.extend(publication::republish(connection, id, &masked)?.map(Redaction::of_chosen_words));
    if let Some(original) = petition.merged_into_id {
        // The answer to the original was sent to this person too, and may name them.
        let known = known_beside(&person, &petitioners::find(connection, original)?);
        mentions::redact_in(connection, by, original, &|text| more.redacted(&known.redacted(text)), now)?;
    }
    lost.extend(forget_person(connection, id)?);
    let nobody = PetitionerRow {
        petition_id: id,
        full_name: None,
        phone: None,
        email: None,
        company_name: None,
        tax_code: None,
        latitude: None,
        longitude: None,
        address: None,
        hide_identity: person.hide_identity,
        tracking_hash: None,
    };
    petitioners::update(connection, &nobody)?;
    for user in subjects::zalo_users_of(connection, id)?.iter().filter(|_| cause == ErasureCause::Erasure) {
        let person = subjects::zalo_person(connection, user)?;
        subjects::forget_on_zalo(connection, person, Some(user))?;
    }
    redacted_texts::forget_deliveries(connection, id)?;
    redacted_texts::forget_partners(connection, id)?;
    redacted_texts::forget_first_answers(connection, petition.received_at)?;
    let files = subjects::detach(connection, id)?;
    let event = AuditEvent::new(redaction::ANONYMISE, "petition", &petition.code)
        .with("cause", cause.as_str())
        .with_json(redaction::FIELD, &lost);
    audit::write(connection, by, now, &event)?;
    Ok(Some(files))
}

/// Anonymises petitions settled more than `retention_years` ago and returns their number; does nothing when
/// that is 0.
pub async fn anonymise_due(app: &App) -> Result<usize, ServiceError> {
    let now = app.now();
    let Some(day) = now.local_date().checked_sub_months(Months::new(app.config.retention_years.saturating_mul(12))) else {
        return Ok(0);
    };
    if app.config.retention_years == 0 {
        return Ok(0);
    }
    let before = Instant::start_of(day);
    let mut done = 0;
    loop {
        let due = app.db.read(move |connection| subjects::due(connection, before, BATCH)).await?;
        if due.is_empty() {
            return Ok(done);
        }
        for id in due {
            let by = AuditActor::system();
            let nobody_else = KnownTraces::default();
            let cause = ErasureCause::Retention;
            let work = move |connection: &mut DbConnection| anonymise(connection, &by, id, (cause, &nobody_else), now);
            let Some(files) = app.db.write(work).await? else { continue };
            remove_files(app, &files).await?;
            done += 1;
        }
    }
}
