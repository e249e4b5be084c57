//! Adds to the rolled-up rows of one agency and day: the one statement of the figures that each event waits for.

use crate::domain::deadline::Urgency;
use crate::domain::ids::{AgencyId, CategoryId};
use crate::domain::petition::{Channel, PetitionerKind};
use crate::domain::statistics::Counters;
use crate::storage::dialect::straight::straight;
use crate::storage::{DbConnection, StorageError};
use chrono::NaiveDate;
use diesel::backend::Backend;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::serialize::ToSql;
use diesel::sql_types::{BigInt, Date, HasSqlType, Text};
use std::sync::LazyLock;

/// Which rows an event adds to: one of each dimension.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DayKey {
    /// The agency; `COORDINATION` for the coordinator's desk.
    pub agency_id: AgencyId,
    /// The Vietnamese day of the event.
    pub event_on: NaiveDate,
    /// The first day of the Vietnamese month of receipt.
    pub received_in: NaiveDate,
    /// The category of the petition.
    pub category_id: CategoryId,
    /// How it came in.
    pub channel: Channel,
    /// Person or business.
    pub petitioner_kind: PetitionerKind,
    /// How urgent it is.
    pub urgency: Urgency,
}

/// Adds the counters to the row of each dimension.
///
/// All transactions touch rows in the same order (that of the dimensions), so that two of them on one agency wait for one
/// another instead of locking one another out.
///
/// # Errors
/// Only those of the database.
pub fn add(connection: &mut DbConnection, key: &DayKey, counters: &Counters) -> Result<(), StorageError> {
    let statement = Addition { key: *key, category: key.category_id.to_string(), counters: *counters };
    straight!(connection, either => statement.execute(either))?;
    Ok(())
}

/// One statement for all five rows. It has its own type, because Diesel prepares a statement again at every run unless the
/// type tells that the text is always the same; the counters are bound once and joined to each dimension.
struct Addition {
    key: DayKey,
    category: String,
    counters: Counters,
}

impl QueryId for Addition {
    type QueryId = Self;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl<Conn> RunQueryDsl<Conn> for Addition {}

static BEGINNING: LazyLock<String> = LazyLock::new(|| {
    let columns = Counters::NAMES.join(", ");
    let joined: Vec<String> = (4..4 + Counters::NAMES.len()).map(|position| format!("c.column{position}")).collect();
    format!(
        "INSERT INTO statistics_days (dimension, value, event_on, received_in, agency_id, {columns}) \
         SELECT d.column1, d.column2, c.column1, c.column2, c.column3, {} FROM (VALUES ('all', ''), ('category', ",
        joined.join(", ")
    )
});

static END: LazyLock<String> = LazyLock::new(|| {
    let sums: Vec<String> =
        Counters::NAMES.iter().map(|name| format!("{name} = statistics_days.{name} + excluded.{name}")).collect();
    format!(
        ")) AS c WHERE true ON CONFLICT (dimension, value, event_on, received_in, agency_id) DO UPDATE SET {}",
        sums.join(", ")
    )
});

impl<DB: Backend> QueryFragment<DB> for Addition
where
    DB: HasSqlType<Text> + HasSqlType<Date> + HasSqlType<BigInt>,
    String: ToSql<Text, DB>,
    str: ToSql<Text, DB>,
    NaiveDate: ToSql<Date, DB>,
    i64: ToSql<BigInt, DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_sql(&BEGINNING);
        out.push_bind_param::<Text, _>(&self.category)?;
        out.push_sql("), ('channel', ");
        out.push_bind_param::<Text, _>(&self.key.channel)?;
        out.push_sql("), ('petitioner_kind', ");
        out.push_bind_param::<Text, _>(&self.key.petitioner_kind)?;
        out.push_sql("), ('urgency', ");
        out.push_bind_param::<Text, _>(&self.key.urgency)?;
        out.push_sql(")) AS d, (VALUES (");
        out.push_bind_param::<Date, _>(&self.key.event_on)?;
        out.push_sql(", ");
        out.push_bind_param::<Date, _>(&self.key.received_in)?;
        out.push_sql(", ");
        out.push_bind_param::<BigInt, _>(&self.key.agency_id)?;
        for value in self.counters.values() {
            out.push_sql(", ");
            out.push_bind_param::<BigInt, _>(value)?;
        }
        out.push_sql(&END);
        Ok(())
    }
}
