//! Past petitions with the columns that routing uses, for the dry run of changed rules: no personal data, no
//! answers.

use crate::db::schema::{petition_texts, petitions};
use crate::db::{DbConnection, StorageError};
use crate::kernel::Instant;
use crate::kernel::ids::{AreaId, CategoryId, PetitionId};
use crate::petitions::rules::{Channel, PetitionerKind};
use chrono::NaiveDate;
use diesel::prelude::*;

/// The routing input of a filed petition.
#[derive(Debug, Clone, Queryable)]
pub struct PastPetition {
    /// Row id; cursor of the next page.
    pub id: PetitionId,
    pub code: String,
    pub category_id: CategoryId,
    /// The commune.
    pub area_id: AreaId,
    /// Citizen or business.
    pub petitioner_kind: PetitionerKind,
    pub channel: Channel,
    pub received_at: Instant,
    /// Title and content without accents.
    pub folded_text: String,
}

/// Returns one page of the petitions received between two days, both included, by row id.
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
