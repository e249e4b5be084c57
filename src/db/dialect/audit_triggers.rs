//! Checks that the triggers which protect the audit record against changes still exist as the migrations created
//! them.
//!
//! The owner of the tables could drop a trigger, disable it, or replace it by one that does nothing. SQLite keeps
//! the SQL of a trigger, which is compared with that of a fresh database; PostgreSQL keeps only its parsed parts.

use crate::db::{DbConnection, StorageError, migrate};
use diesel::prelude::*;
use diesel::sql_types::{Bool, Integer, Text};
use std::sync::OnceLock;

const SQLITE: &str = "SELECT tbl_name AS table_name, name, sql AS words FROM sqlite_master \
     WHERE type = 'trigger' AND tbl_name LIKE 'audit%' ORDER BY tbl_name, name";

#[derive(QueryableByName)]
struct TriggerSql {
    #[diesel(sql_type = Text)]
    table_name: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    words: String,
}

/// The condition is compared without brackets and spaces, because the server formats it freely.
const POSTGRES: &str = "SELECT c.relname::text AS table_name, t.tgname::text AS name, t.tgenabled IN ('O', 'A') AS is_enabled, \
     t.tgtype::int AS kind, t.tgattr::text = '' AS is_of_every_column, p.prosrc AS deed, \
     coalesce(substring(translate(pg_get_triggerdef(t.oid), '() ', '') from 'WHEN(.*)EXECUTE'), '') AS condition \
     FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid \
     WHERE NOT t.tgisinternal AND c.relnamespace = current_schema()::regnamespace AND c.relname LIKE 'audit%' \
     ORDER BY c.relname::text COLLATE \"C\", t.tgname::text COLLATE \"C\"";

#[derive(QueryableByName)]
struct TriggerState {
    #[diesel(sql_type = Text)]
    table_name: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Bool)]
    is_enabled: bool,
    #[diesel(sql_type = Integer)]
    kind: i32,
    #[diesel(sql_type = Bool)]
    is_of_every_column: bool,
    #[diesel(sql_type = Text)]
    deed: String,
    #[diesel(sql_type = Text)]
    condition: String,
}

/// The body of the PostgreSQL triggers.
const REFUSES: &str = "BEGIN RAISE EXCEPTION 'the audit record is only added to'; END";
/// The condition under which the end of a chain must not change.
const MOVES_OTHERWISE: &str = "new.stream<>old.streamORnew.last_sequence<>old.last_sequence+1";

/// Bits of `pg_trigger.tgtype`: row 1, before 2, delete 8, update 16, truncate 32.
const BEFORE_CHANGE: i32 = 1 + 2 + 8 + 16;
const BEFORE_UPDATE: i32 = 1 + 2 + 16;
const BEFORE_DELETE: i32 = 1 + 2 + 8;
const BEFORE_TRUNCATE: i32 = 2 + 32;

/// The triggers of migration 0013 on PostgreSQL: table, name, kind and condition.
const ON_POSTGRES: [(&str, &str, i32, &str); 9] = [
    ("audit", "audit_is_kept", BEFORE_CHANGE, ""),
    ("audit", "audit_is_not_emptied", BEFORE_TRUNCATE, ""),
    ("audit_head_streams", "audit_head_streams_is_kept", BEFORE_CHANGE, ""),
    ("audit_head_streams", "audit_head_streams_is_not_emptied", BEFORE_TRUNCATE, ""),
    ("audit_heads", "audit_heads_is_kept", BEFORE_CHANGE, ""),
    ("audit_heads", "audit_heads_is_not_emptied", BEFORE_TRUNCATE, ""),
    ("audit_streams", "audit_streams_is_kept", BEFORE_DELETE, ""),
    ("audit_streams", "audit_streams_is_not_emptied", BEFORE_TRUNCATE, ""),
    ("audit_streams", "audit_streams_moves_on", BEFORE_UPDATE, MOVES_OTHERWISE),
];

/// Returns a description of every trigger that is missing, disabled, changed or unknown.
pub fn faults(connection: &mut DbConnection) -> Result<Vec<String>, StorageError> {
    match connection {
        DbConnection::Sqlite(sqlite) => of_sqlite(sqlite),
        DbConnection::Postgres(pg) => of_postgres(pg),
    }
}

fn of_sqlite(sqlite: &mut SqliteConnection) -> Result<Vec<String>, StorageError> {
    let made = made_by_migrations()?;
    let found: Vec<TriggerSql> = diesel::sql_query(SQLITE).load(sqlite)?;
    let is_same = |one: &TriggerSql, other: &TriggerSql| one.table_name == other.table_name && one.name == other.name;
    let mut faults = Vec::new();
    for trigger in made {
        match found.iter().find(|found| is_same(found, trigger)) {
            None => faults.push(fault(&trigger.table_name, &trigger.name, "is missing")),
            Some(found) if found.words != trigger.words => faults.push(fault(&trigger.table_name, &trigger.name, "was changed")),
            Some(_) => {}
        }
    }
    let strange = found.iter().filter(|found| !made.iter().any(|trigger| is_same(found, trigger)));
    faults.extend(strange.map(|found| fault(&found.table_name, &found.name, STRANGE)));
    Ok(faults)
}

/// Returns the triggers of a fresh in-memory database, created once per process.
fn made_by_migrations() -> Result<&'static [TriggerSql], StorageError> {
    static MADE: OnceLock<Vec<TriggerSql>> = OnceLock::new();
    if let Some(made) = MADE.get() {
        return Ok(made);
    }
    let made: Vec<TriggerSql> = diesel::sql_query(SQLITE).load(&mut migrate::in_memory()?)?;
    Ok(MADE.get_or_init(|| made))
}

fn of_postgres(pg: &mut PgConnection) -> Result<Vec<String>, StorageError> {
    let found: Vec<TriggerState> = diesel::sql_query(POSTGRES).load(pg)?;
    let mut faults = Vec::new();
    for (table, name, kind, condition) in ON_POSTGRES {
        let what = match found.iter().find(|found| found.table_name == table && found.name == name) {
            None => "is missing",
            Some(found) if !found.is_enabled => "is switched off",
            Some(found) if !found.does(kind, condition) => "was changed",
            Some(_) => continue,
        };
        faults.push(fault(table, name, what));
    }
    let is_made =
        |found: &&TriggerState| ON_POSTGRES.iter().any(|(table, name, ..)| found.table_name == *table && found.name == *name);
    let strange = found.iter().filter(|found| !is_made(found));
    faults.extend(strange.map(|found| fault(&found.table_name, &found.name, STRANGE)));
    Ok(faults)
}

impl TriggerState {
    fn does(&self, kind: i32, condition: &str) -> bool {
        let deed = self.deed.split_whitespace().collect::<Vec<_>>().join(" ");
        self.kind == kind && self.is_of_every_column && self.condition == condition && deed == REFUSES
    }
}

/// For unknown triggers, which could for example modify the state of an anchor with each head.
const STRANGE: &str = "was not made by this program";

fn fault(table: &str, name: &str, what: &str) -> String {
    format!("the trigger {name} of {table} {what}")
}
