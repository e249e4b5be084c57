//! Changes of the figures by events that are not added to the sums yet.
//!
//! An event only inserts rows here, so on PostgreSQL events never block each other because of the figures. Readers of
//! sums must add these rows.

use crate::db::connection::MultiBackend;
use crate::db::dialect::on_backend::on_backend;
use crate::db::dialect::prepared::prepared_statement;
use crate::db::schema::statistics_changes;
use crate::db::{DbConnection, StorageError};
use crate::directory::rules::deadline::Urgency;
use crate::figures::rules::{Counters, PetitionTraits};
use crate::kernel::ids::{AgencyId, AreaId, CategoryId};
use crate::petitions::rules::{Channel, PetitionerKind};
use chrono::NaiveDate;
use diesel::deserialize::{self, QueryableByName};
use diesel::prelude::*;
use diesel::row::NamedRow;
use diesel::sql_types::{BigInt, Date, Text};
use std::ops::RangeInclusive;

/// One change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeRow {
    /// The day (Vietnamese time) on which it counts.
    pub event_on: NaiveDate,
    /// The first day of the month of receipt (Vietnamese time).
    pub received_in: NaiveDate,
    /// The agency; `COORDINATION` for the coordinator's desk.
    pub agency_id: AgencyId,
    /// The dimension values of the petition.
    pub traits: PetitionTraits,
    pub counters: Counters,
}

impl QueryableByName<MultiBackend> for ChangeRow {
    fn build<'a>(row: &impl NamedRow<'a, MultiBackend>) -> deserialize::Result<Self> {
        let counters: String = NamedRow::get::<Text, _>(row, "counters")?;
        Ok(Self {
            event_on: NamedRow::get::<Date, _>(row, "event_on")?,
            received_in: NamedRow::get::<Date, _>(row, "received_in")?,
            agency_id: NamedRow::get::<BigInt, _>(row, "agency_id")?,
            traits: PetitionTraits {
                category_id: NamedRow::get::<BigInt, _>(row, "category_id")?,
                channel: NamedRow::get::<Text, _>(row, "channel")?,
                petitioner_kind: NamedRow::get::<Text, _>(row, "petitioner_kind")?,
                urgency: NamedRow::get::<Text, _>(row, "urgency")?,
                area_id: NamedRow::get::<BigInt, _>(row, "area_id")?,
            },
            counters: Counters::from_json(&counters)?,
        })
    }
}

const COLUMNS: &str = "event_on, received_in, agency_id, category_id, channel, petitioner_kind, urgency, area_id, counters";

prepared_statement!(
    /// Inserts one change.
    AppendChange:
        "INSERT INTO statistics_changes \
         (event_on, received_in, agency_id, category_id, channel, petitioner_kind, urgency, area_id, counters) VALUES (",
        event_on: Date = NaiveDate, ", ", received_in: Date = NaiveDate, ", ", agency_id: BigInt = AgencyId, ", ",
        category_id: BigInt = CategoryId, ", ", channel: Text = Channel, ", ", petitioner_kind: Text = PetitionerKind, ", ",
        urgency: Text = Urgency, ", ", area_id: BigInt = AreaId, ", ", counters: Text = &'a str, ")"
);

/// Inserts one change.
pub fn append(connection: &mut DbConnection, change: &ChangeRow) -> Result<(), StorageError> {
    let ChangeRow { event_on, received_in, agency_id, traits, counters } = change;
    let PetitionTraits { category_id, channel, petitioner_kind, urgency, area_id } = *traits;
    let json = counters.to_json();
    let statement =
        AppendChange::new(*event_on, *received_in, *agency_id, category_id, channel, petitioner_kind, urgency, area_id, &json);
    on_backend!(connection, either => statement.execute(either))?;
    Ok(())
}

/// Returns the changes up to a day.
pub fn until(connection: &mut DbConnection, last: NaiveDate) -> Result<Vec<ChangeRow>, StorageError> {
    let statement = format!("SELECT {COLUMNS} FROM statistics_changes WHERE event_on <= $1");
    Ok(diesel::sql_query(statement).bind::<Date, _>(last).load(connection)?)
}

/// Returns the changes of petitions received in these months.
pub fn received(connection: &mut DbConnection, received_in: &RangeInclusive<NaiveDate>) -> Result<Vec<ChangeRow>, StorageError> {
    let statement = format!("SELECT {COLUMNS} FROM statistics_changes WHERE received_in >= $1 AND received_in <= $2");
    let query = diesel::sql_query(statement).bind::<Date, _>(*received_in.start()).bind::<Date, _>(*received_in.end());
    Ok(query.load(connection)?)
}

/// Deletes and returns up to `limit` changes dated this day or earlier; concurrent transactions take different rows.
pub fn take(connection: &mut DbConnection, until: NaiveDate, limit: i64) -> Result<Vec<ChangeRow>, StorageError> {
    let statement = format!(
        "DELETE FROM statistics_changes WHERE id IN \
         (SELECT id FROM statistics_changes WHERE event_on <= $1 ORDER BY event_on, id LIMIT $2) RETURNING {COLUMNS}"
    );
    Ok(diesel::sql_query(statement).bind::<Date, _>(until).bind::<BigInt, _>(limit).load(connection)?)
}

/// Deletes all changes.
pub fn clear(connection: &mut DbConnection) -> Result<(), StorageError> {
    diesel::delete(statistics_changes::table).execute(connection)?;
    Ok(())
}
