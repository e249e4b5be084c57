//! Register numbers: 1, 2, 3 … per agency and year, without gap or duplicate (Decree 30/2020/NĐ-CP, article 22).
//!
//! Uses a counter row, never a database sequence: a number must be returned when its transaction is rolled back.

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
    /// Starts the register at 1 or increments it.
    NextNumber -> BigInt:
        "INSERT INTO register_counters (agency_id, year, last_number) VALUES (", agency: BigInt = i64, ", ", year: Integer = i32,
        ", 1) ON CONFLICT (agency_id, year) DO UPDATE SET last_number = register_counters.last_number + 1 \
         RETURNING last_number"
);

/// Returns the next number of a register and locks the register until the transaction ends.
pub fn next_number(connection: &mut DbConnection, agency: AgencyId, year: i32) -> Result<i64, StorageError> {
    let statement = NextNumber::new(agency.0, year);
    Ok(on_backend!(connection, either => statement.get_result(either))?)
}

/// A line with the petition's code, day of filing, kind of petitioner and title, and the assigned officer's name.
pub type RegisterRow = (DocumentRow, String, NaiveDate, PetitionerKind, String, Option<String>);

/// Selects lines of one register.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisterPart {
    pub agency: AgencyId,
    pub year: i32,
    /// Arrived between these instants, both included.
    pub arrived: Option<(Instant, Instant)>,
    pub categories: Option<Vec<CategoryId>>,
}

impl RegisterPart {
    /// Selects all lines of a year.
    #[must_use]
    pub const fn whole(agency: AgencyId, year: i32) -> Self {
        Self { agency, year, arrived: None, categories: None }
    }
}

/// Returns the lines of one register in number order, after `after`.
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
