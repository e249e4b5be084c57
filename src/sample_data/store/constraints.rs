//! Drops foreign keys and indexes before bulk loading and restores them afterwards, on PostgreSQL.
//!
//! SQLite keeps its few indexes: it has no faster way to build them at once.

use super::sheet::TABLES;
use crate::db::{DbConnection, StorageError};
use diesel::prelude::*;
use diesel::sql_types::{Array, Text};

/// The statements that restore what was dropped, in order.
#[derive(Debug, Clone, Default)]
pub struct DroppedConstraints(Vec<String>);

#[derive(QueryableByName)]
struct ConstraintRow {
    #[diesel(sql_type = Text)]
    away: String,
    #[diesel(sql_type = Text)]
    back: String,
}

/// Foreign keys first, then unique constraints, then other indexes; restored in reverse order.
const REFERENCES: &str = "SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname) AS away, \
     format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) AS back \
     FROM pg_constraint WHERE contype = 'f' AND (conrelid::regclass::text = ANY($1) OR confrelid::regclass::text = ANY($1)) \
     ORDER BY conname";
const KEYS: &str = "SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname) AS away, \
     format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) AS back \
     FROM pg_constraint WHERE contype IN ('p', 'u') AND conrelid::regclass::text = ANY($1) ORDER BY conname";
const INDEXES: &str = "SELECT format('DROP INDEX %I', indexname) AS away, indexdef AS back FROM pg_indexes \
     WHERE schemaname = current_schema() AND tablename = ANY($1) \
     AND indexname NOT IN (SELECT conname FROM pg_constraint WHERE contype IN ('p', 'u')) ORDER BY indexname";

/// Drops constraints and indexes that would be maintained for each row.
pub fn drop_constraints(connection: &mut DbConnection) -> Result<DroppedConstraints, StorageError> {
    let DbConnection::Postgres(connection) = connection else { return Ok(DroppedConstraints::default()) };
    let mut back = Vec::new();
    for kind in [REFERENCES, KEYS, INDEXES] {
        let things: Vec<ConstraintRow> = diesel::sql_query(kind).bind::<Array<Text>, _>(TABLES).load(connection)?;
        for thing in things {
            diesel::sql_query(thing.away).execute(connection)?;
            back.push(thing.back);
        }
    }
    back.reverse();
    Ok(DroppedConstraints(back))
}

/// Restores them and sets the id sequences behind the written rows.
///
/// # Errors
/// Includes a violated foreign key.
pub fn restore_constraints(connection: &mut DbConnection, taken: &DroppedConstraints) -> Result<(), StorageError> {
    let DbConnection::Postgres(connection) = connection else { return Ok(()) };
    diesel::sql_query("SET LOCAL maintenance_work_mem = '1GB'").execute(connection)?;
    for statement in &taken.0 {
        diesel::sql_query(statement).execute(connection)?;
    }
    for table in ["petitions", "documents", "answers", "timeline", "notifications"] {
        let next = format!(
            "SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT COALESCE(MAX(id), 0) + 1 FROM {table}), false)"
        );
        diesel::sql_query(next).execute(connection)?;
    }
    for table in TABLES.iter().chain(&["statistics_sums", "statistics_times"]) {
        diesel::sql_query(format!("ANALYZE {table}")).execute(connection)?;
    }
    Ok(())
}
