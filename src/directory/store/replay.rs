//! Past petitions as routing saw them, for the dry run of changed rules: no person, no answer.

use crate::db::schema::{petition_texts, petitions};
use crate::db::{DbConnection, StorageError};
use crate::kernel::Instant;
use crate::kernel::ids::{AreaId, CategoryId, PetitionId};
use crate::petitions::rules::{Channel, PetitionerKind};
use chrono::NaiveDate;
use diesel::prelude::*;

/// What routing looked at when a petition was filed.
#[derive(Debug, Clone, Queryable)]
pub struct PastPetition {
    /// Its row, after which the next page begins.
    pub id: PetitionId,
    /// Its code.
    pub code: String,
    /// What it is about.
    pub category_id: CategoryId,
    /// The commune that it names.
    pub area_id: AreaId,
    /// Citizen or business.
    pub petitioner_kind: PetitionerKind,
    /// How it came in.
    pub channel: Channel,
    /// When it was received.
    pub received_at: Instant,
    /// Title and content without accents.
    pub folded_text: String,
}

/// One page of the petitions received between two days, both included, in the order of their rows.
pub fn past_petitions(
    connection: &mut DbConnection,
    from: NaiveDate,
    to: NaiveDate,
    after: PetitionId,
    limit: i64,
) -> Result<Vec<PastPetition>, StorageError> {
    let page = petitions::table
        .inner_join(petition_texts::table.on(petition_texts::petition_id.eq(petitions::id)))
        .filter(petitions::received_on.between(from, to).and(petitions::id.gt(after)))
        .order(petitions::id)
        .limit(limit)
        .select((
            petitions::id,
            petitions::code,
            petitions::category_id,
            petitions::area_id,
            petitions::petitioner_kind,
            petitions::channel,
            petitions::received_at,
            petition_texts::search_text,
        ));
    Ok(page.load(connection)?)
}
