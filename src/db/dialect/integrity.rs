//! Integrity checks of the database: SQLite's check of its file, PostgreSQL's constraints and indexes, and
//! timeline rows in a form that this program never writes.
//!
//! The last check matters because such a manual change could leave the entry's hash valid: the program reads both
//! forms as the same value.

use crate::db::{DbConnection, StorageError};
use diesel::prelude::*;
use diesel::sql_types::Text;

#[derive(QueryableByName)]
struct IntegrityFault {
    #[diesel(sql_type = Text)]
    fault: String,
}

/// Returns a description of every fault; empty for a sound database.
pub fn faults(connection: &mut DbConnection) -> Result<Vec<String>, StorageError> {
    let statement = match connection {
        DbConnection::Sqlite(_) => {
            "SELECT integrity_check AS fault FROM pragma_integrity_check WHERE integrity_check <> 'ok' \
             UNION ALL \
             SELECT COUNT(*) || ' rows of ' || \"table\" || ' refer to rows of ' || parent || ' that do not exist' AS fault \
             FROM pragma_foreign_key_check GROUP BY \"table\", parent"
        }
        DbConnection::Postgres(_) => {
            "SELECT 'constraint ' || conname || ' of ' || conrelid::regclass || ' was never checked' AS fault \
             FROM pg_constraint WHERE NOT convalidated AND connamespace = current_schema()::regnamespace \
             UNION ALL \
             SELECT 'index ' || indexrelid::regclass || ' is not valid' AS fault FROM pg_index \
             JOIN pg_class ON pg_class.oid = indexrelid \
             WHERE NOT indisvalid AND relnamespace = current_schema()::regnamespace"
        }
    };
    let faults: Vec<IntegrityFault> = diesel::sql_query(statement).load(connection)?;
    Ok(faults.into_iter().map(|row| row.fault).collect())
}

/// Forms never written on either database: an empty note, and row ids that do not increase along a timeline.
const NEVER_WRITTEN: &str = "SELECT petitions.code || ': timeline row ' || timeline.id || ' (entry ' || timeline.sequence || \
     ') has an empty note, which nothing writes' AS fault \
     FROM timeline JOIN petitions ON petitions.id = timeline.petition_id WHERE timeline.note = '' \
     UNION ALL \
     SELECT petitions.code || ': timeline row ' || timeline.id || ' (entry ' || timeline.sequence || ') has a number before that of row ' \
     || former.id || ' (entry ' || former.sequence || ')' AS fault \
     FROM timeline JOIN timeline AS former \
     ON former.petition_id = timeline.petition_id AND former.sequence = timeline.sequence - 1 \
     JOIN petitions ON petitions.id = timeline.petition_id WHERE former.id >= timeline.id";

/// SQLite stores times as text in more than one form, and any number except 0 is true.
const OTHER_FORMS: &str = " UNION ALL \
     SELECT petitions.code || ': timeline row ' || timeline.id || ' (entry ' || timeline.sequence || \
     ') has a time or a truth in a form that nothing writes' AS fault \
     FROM timeline JOIN petitions ON petitions.id = timeline.petition_id \
     WHERE is_public NOT IN (0, 1) \
     OR substr(at, 1, 19) NOT GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9] [0-9][0-9]:[0-9][0-9]:[0-9][0-9]' \
     OR substr(timeline.due_at, 1, 19) NOT GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9] [0-9][0-9]:[0-9][0-9]:[0-9][0-9]' \
     OR (substr(at, 20) <> '' AND substr(at, 20) NOT GLOB '.[0-9][0-9][0-9]' \
         AND substr(at, 20) NOT GLOB '.[0-9][0-9][0-9][0-9][0-9][0-9]') \
     OR (substr(timeline.due_at, 20) <> '' AND substr(timeline.due_at, 20) NOT GLOB '.[0-9][0-9][0-9]' \
         AND substr(timeline.due_at, 20) NOT GLOB '.[0-9][0-9][0-9][0-9][0-9][0-9]')";

/// Returns a description of every timeline row in a form never written.
pub fn timeline_faults(connection: &mut DbConnection) -> Result<Vec<String>, StorageError> {
    let statement = match connection {
        DbConnection::Sqlite(_) => format!("{NEVER_WRITTEN}{OTHER_FORMS}"),
        DbConnection::Postgres(_) => NEVER_WRITTEN.to_owned(),
    };
    let faults: Vec<IntegrityFault> = diesel::sql_query(statement).load(connection)?;
    Ok(faults.into_iter().map(|row| row.fault).collect())
}
