//! Register numbers: 1, 2, 3 … per agency and year, without gap or duplicate (Decree 30/2020/NĐ-CP, article 22).
//!
//! A counter row, never a sequence: the number belongs to the transaction and comes back when it is rolled back.

use super::DocumentRow;
use crate::db::dialect::on_backend::on_backend;
use crate::db::dialect::prepared::prepared_statement;
use crate::db::schema::{accounts, documents, petition_texts, petitions};
use crate::db::{DbConnection, StorageError};
use crate::kernel::Instant;
use crate::kernel::ids::{AgencyId, CategoryId};
use crate::petitions::rules::PetitionerKind;
use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Integer};

prepared_statement!(
    /// Opens the register with 1, or counts it on.
    NextNumber -> BigInt:
        "INSERT INTO register_counters (agency_id, year, last_number) VALUES (", agency: BigInt = i64, ", ", year: Integer = i32,
        ", 1) ON CONFLICT (agency_id, year) DO UPDATE SET last_number = register_counters.last_number + 1 \
         RETURNING last_number"
);

/// Takes the next number of a register; whoever takes it holds the register until the transaction ends.
pub fn next_number(connection: &mut DbConnection, agency: AgencyId, year: i32) -> Result<i64, StorageError> {
    let statement = NextNumber::new(agency.0, year);
    Ok(on_backend!(connection, either => statement.get_result(either))?)
}

/// A line with the code, the day of filing, the kind of petitioner, the title and the name of the officer who has it.
pub type RegisterRow = (DocumentRow, String, NaiveDate, PetitionerKind, String, Option<String>);

/// Which lines of one register.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisterPart {
    /// Whose register.
    pub agency: AgencyId,
    /// Of which year.
    pub year: i32,
    /// Only what arrived between these instants, both included.
    pub arrived: Option<(Instant, Instant)>,
    /// Only these categories.
    pub categories: Option<Vec<CategoryId>>,
}

impl RegisterPart {
    /// All lines of a year.
    #[must_use]
    pub const fn whole(agency: AgencyId, year: i32) -> Self {
        Self { agency, year, arrived: None, categories: None }
    }
}

/// Lines of one register in the order of their numbers, after `after`.
pub fn lines(
    connection: &mut DbConnection,
    part: &RegisterPart,
    after: i64,
    limit: i64,
) -> Result<Vec<RegisterRow>, StorageError> {
    let mut query = documents::table
        .inner_join(petitions::table.on(petitions::id.eq(documents::petition_id)))
        .inner_join(petition_texts::table.on(petition_texts::petition_id.eq(documents::petition_id)))
        .left_join(accounts::table.on(accounts::id.nullable().eq(documents::assignee_id)))
        .filter(documents::agency_id.eq(part.agency))
        .filter(documents::year.eq(part.year))
        .filter(documents::number.gt(after))
        .order(documents::number)
        .limit(limit)
        .select((
            DocumentRow::as_select(),
            petitions::code,
            petitions::received_on,
            petitions::petitioner_kind,
            petition_texts::title,
            accounts::full_name.nullable(),
        ))
        .into_boxed();
    if let Some((from, to)) = part.arrived {
        query = query.filter(documents::arrived_at.between(from, to));
    }
    if let Some(categories) = &part.categories {
        query = query.filter(petitions::category_id.eq_any(categories.clone()));
    }
    Ok(query.load(connection)?)
}
