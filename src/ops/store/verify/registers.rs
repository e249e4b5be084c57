//! Every register with its counter.

use crate::db::schema::{agencies, documents};
use crate::db::{DbConnection, StorageError};
use crate::kernel::ids::AgencyId;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Integer};
use std::collections::HashMap;

/// What is known of one register.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct RegisterNumbers {
    /// Whose.
    #[diesel(sql_type = BigInt)]
    pub agency_id: AgencyId,
    /// Of which year.
    #[diesel(sql_type = Integer)]
    pub year: i32,
    /// Its lines.
    #[diesel(sql_type = BigInt)]
    pub documents: i64,
    /// Its different numbers.
    #[diesel(sql_type = BigInt)]
    pub numbers: i64,
    /// Its lowest number; 0 without lines.
    #[diesel(sql_type = BigInt)]
    pub first: i64,
    /// Its highest number; 0 without lines.
    #[diesel(sql_type = BigInt)]
    pub last: i64,
    /// What the counter says; 0 where there is none.
    #[diesel(sql_type = BigInt)]
    pub counter: i64,
}

/// Every register that has a line or a counter.
pub fn registers(connection: &mut DbConnection) -> Result<Vec<RegisterNumbers>, StorageError> {
    let statement = "SELECT agency_id, year, CAST(SUM(documents) AS BIGINT) AS documents, \
             CAST(SUM(numbers) AS BIGINT) AS numbers, CAST(SUM(first) AS BIGINT) AS first, \
             CAST(SUM(last) AS BIGINT) AS last, CAST(SUM(counter) AS BIGINT) AS counter \
         FROM (SELECT agency_id, year, COUNT(*) AS documents, COUNT(DISTINCT number) AS numbers, \
                      MIN(number) AS first, MAX(number) AS last, 0 AS counter \
               FROM documents GROUP BY agency_id, year \
               UNION ALL \
               SELECT agency_id, year, 0, 0, 0, 0, last_number FROM register_counters) AS lines \
         GROUP BY agency_id, year ORDER BY agency_id, year";
    Ok(diesel::sql_query(statement).load(connection)?)
}

/// Some numbers of one register in order, after `after`.
pub fn numbers(
    connection: &mut DbConnection,
    agency: AgencyId,
    year: i32,
    after: i64,
    limit: i64,
) -> Result<Vec<i64>, StorageError> {
    Ok(documents::table
        .filter(documents::agency_id.eq(agency))
        .filter(documents::year.eq(year))
        .filter(documents::number.gt(after))
        .order(documents::number)
        .limit(limit)
        .select(documents::number)
        .load(connection)?)
}

/// The codes of all agencies, to name them.
pub fn agency_codes(connection: &mut DbConnection) -> Result<HashMap<AgencyId, String>, StorageError> {
    let rows: Vec<(AgencyId, String)> = agencies::table.select((agencies::id, agencies::code)).load(connection)?;
    Ok(rows.into_iter().collect())
}
