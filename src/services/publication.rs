//! What becomes public when an answer is sent: title, content and answer without personal data, a rounded place.
//!
//! Phone numbers, e-mail addresses, personal ids and the petitioner's own name, which people write into their texts, are masked;
//! who filed, and the exact pin, never come near this table (Decree 356/2025, article 4).

use crate::domain::account::Account;
use crate::domain::location::Location;
use crate::domain::masking::{Known, mask};
use crate::domain::search_text;
use crate::services::error::ServiceError;
use crate::services::petitions::step::{Desk, Step};
use crate::storage::petitions::{AnswerRow, PetitionerRow, TextRow, petitioners, texts};
use crate::storage::publications::{self, PublicationRow};

/// Publishes the petition of a step with its answer.
///
/// # Errors
/// Only those of the database.
pub fn publish(step: &mut Step<'_>, answer: &AnswerRow) -> Result<(), ServiceError> {
    let text = texts::find(step.connection, step.desk.petition.id)?;
    let petitioner = petitioners::find(step.connection, step.desk.petition.id)?;
    Ok(publications::publish(step.connection, &publication(&step.desk, &text, &petitioner, answer))?)
}

/// What becomes public.
#[must_use]
pub fn publication(desk: &Desk, text: &TextRow, petitioner: &PetitionerRow, answer: &AnswerRow) -> PublicationRow {
    let known = known(petitioner, None);
    let place = match (petitioner.latitude, petitioner.longitude) {
        (Some(latitude), Some(longitude)) => Location::new(latitude, longitude).ok().map(Location::rounded_for_public),
        _ => None,
    };
    let (title, content) = (mask(&text.title, &known), mask(&text.content, &known));
    PublicationRow {
        petition_id: desk.petition.id,
        search_text: match title == text.title && content == text.content {
            true => text.search_text.clone(),
            false => search_text::fold(&format!("{title} {content}")),
        },
        title,
        content,
        answer: mask(&answer.content, &known),
        outcome: answer.outcome.as_str().to_owned(),
        latitude: place.map(|place| place.latitude()),
        longitude: place.map(|place| place.longitude()),
        answered_at: desk.now,
        published_at: desk.now,
    }
}

/// What is known of who filed: what stands with the petition and what stands with the account.
#[must_use]
pub fn known(petitioner: &PetitionerRow, account: Option<&Account>) -> Known {
    let known = Known::nobody()
        .name(petitioner.full_name.as_deref())
        .company(petitioner.company_name.as_deref())
        .phone(petitioner.phone.as_deref())
        .email(petitioner.email.as_deref())
        .number(petitioner.tax_code.as_deref())
        .address(petitioner.address.as_deref())
        .place(petitioner.latitude.zip(petitioner.longitude));
    match account {
        None => known,
        Some(account) => known
            .name(Some(&account.full_name))
            .company(account.company_name.as_deref())
            .phone(account.phone.as_deref())
            .email(account.email.as_deref())
            .number(account.personal_id.as_deref())
            .number(account.tax_code.as_deref()),
    }
}
