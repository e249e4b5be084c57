//! All registers with their counters.

use crate::db::schema::{agencies, documents};
use crate::db::{DbConnection, StorageError};
use crate::kernel::ids::AgencyId;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Integer};
use std::collections::HashMap;

/// Key figures of one register (one agency and year).
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct RegisterNumbers {
    #[diesel(sql_type = BigInt)]
    pub agency_id: AgencyId,
    #[diesel(sql_type = Integer)]
    pub year: i32,
    /// Number of rows.
    #[diesel(sql_type = BigInt)]
    pub documents: i64,
    /// Number of distinct register numbers.
    #[diesel(sql_type = BigInt)]
    pub numbers: i64,
    /// Lowest number; 0 without rows.
    #[diesel(sql_type = BigInt)]
    pub first: i64,
    /// Highest number; 0 without rows.
    #[diesel(sql_type = BigInt)]
    pub last: i64,
    /// Value of the counter; 0 without a counter.
    #[diesel(sql_type = BigInt)]
    pub counter: i64,
}

/// Returns every register that has a row or a counter.
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

/// Returns a page of numbers of one register in ascending order, after `after`.
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

/// Returns the codes of all agencies, by id.
pub fn agency_codes(connection: &mut DbConnection) -> Result<HashMap<AgencyId, String>, StorageError> {
    let rows: Vec<(AgencyId, String)> = agencies::table.select((agencies::id, agencies::code)).load(connection)?;
    Ok(rows.into_iter().collect())
}
