//! The schema migrations, embedded in the binary for both databases, and the code that applies them.
//!
//! Called by `cli` at start and by `Db::ping`. Rule: any number of instances may start at once; one migrates, the
//! others wait and find nothing left to do.

use crate::db::connection::{Access, DatabaseUrl, DbConnection, SessionSettings};
use crate::db::dialect::planner;
use crate::db::error::StorageError;
use diesel::backend::Backend;
use diesel::connection::SimpleConnection;
use diesel::migration::{MigrationSource, MigrationVersion};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};
use diesel::sqlite::Sqlite;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use std::collections::BTreeSet;
use std::time::Duration;

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// How often connecting is retried while other processes set up the same file: half a minute in all.
const TRIES: u32 = 600;
const PAUSE: Duration = Duration::from_millis(50);

/// Applies all pending migrations, creating a missing SQLite file, and returns the versions applied.
///
/// # Errors
/// [`StorageError::Unavailable`] when the database cannot be reached, [`StorageError::Query`] when a migration
/// fails.
pub fn migrate(url: &DatabaseUrl) -> Result<Vec<String>, StorageError> {
    url.create_if_missing()?;
    let settings = SessionSettings::UNLIMITED;
    let mut connection = connect_in_turn(url, settings)?;
    match &mut connection {
        DbConnection::Sqlite(sqlite) => migrate_sqlite(sqlite),
        DbConnection::Postgres(pg) => migrate_postgres(pg),
    }
}

/// Creates a migrated in-memory database, to compare with a fresh one.
pub(super) fn in_memory() -> Result<SqliteConnection, StorageError> {
    let mut sqlite = SqliteConnection::establish(":memory:")?;
    migrate_sqlite(&mut sqlite)?;
    Ok(sqlite)
}

/// Connects with retries: only one connection can set up a fresh file, and SQLite's busy timeout does not apply
/// there.
fn connect_in_turn(url: &DatabaseUrl, settings: SessionSettings) -> Result<DbConnection, StorageError> {
    for _ in 0..TRIES {
        match url.connect(Access::Write, settings) {
            Err(error) if error.is_busy() => std::thread::sleep(PAUSE),
            connected => return connected,
        }
    }
    url.connect(Access::Write, settings)
}

/// Migrates in one transaction: the write lock keeps other instances out, and a failed step is rolled back.
/// Foreign keys are disabled during the transaction so that tables can be rebuilt, and are checked at the end.
fn migrate_sqlite(sqlite: &mut SqliteConnection) -> Result<Vec<String>, StorageError> {
    sqlite.batch_execute("PRAGMA busy_timeout = 60000")?;
    sqlite.batch_execute("PRAGMA foreign_keys = OFF")?;
    sqlite.immediate_transaction(|sqlite| {
        let applied = run(sqlite, SQLITE)?;
        planner::write_fixed_sizes(sqlite)?;
        if applied.is_empty() {
            // Without changes no check is needed; checking all references takes seconds with a million petitions,
            // at every start.
            return Ok(applied);
        }
        let broken: Vec<BrokenReference> =
            diesel::sql_query("SELECT \"table\" AS table_name FROM pragma_foreign_key_check LIMIT 1").load(sqlite)?;
        match broken.first() {
            Some(row) => Err(StorageError::Query(format!("a migration leaves broken references in {}", row.table_name))),
            None => Ok(applied),
        }
    })
}

/// Migrates under an advisory lock per schema, which keeps other instances out and ends with the session in any
/// case.
fn migrate_postgres(pg: &mut PgConnection) -> Result<Vec<String>, StorageError> {
    pg.batch_execute("SET lock_timeout = 0; SET idle_in_transaction_session_timeout = 0")?;
    pg.batch_execute("SELECT pg_advisory_lock(hashtext('pakn migrate ' || coalesce(current_schema(), '')))")?;
    run(pg, POSTGRES)
}

fn run<C: MigrationHarness<DB>, DB: Backend>(
    connection: &mut C,
    migrations: EmbeddedMigrations,
) -> Result<Vec<String>, StorageError>
where
    EmbeddedMigrations: MigrationSource<DB>,
{
    let applied = connection
        .run_pending_migrations(migrations)
        .map_err(|cause| StorageError::Query(format!("a migration failed: {cause}")))?;
    Ok(applied.iter().map(MigrationVersion::to_string).collect())
}

/// The migrations of a database compared with those of this program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MigrationState {
    /// Number of applied versions.
    pub applied: usize,
    pub newest: Option<String>,
    /// Versions that this program knows and the database does not have, in order.
    pub pending: Vec<String>,
    /// Versions that the database has and this program does not know: a newer program wrote it.
    pub unknown: Vec<String>,
}

/// Returns the versions not yet applied; writes nothing.
pub fn pending(connection: &mut DbConnection) -> Result<Vec<String>, StorageError> {
    Ok(state(connection)?.pending)
}

/// Returns the migration state; writes nothing.
pub fn state(connection: &mut DbConnection) -> Result<MigrationState, StorageError> {
    let (known, question) = match connection {
        DbConnection::Sqlite(_) => (
            versions::<Sqlite>(&SQLITE)?,
            "SELECT count(*) > 0 AS found FROM sqlite_master WHERE name = '__diesel_schema_migrations'",
        ),
        DbConnection::Postgres(_) => {
            (versions::<Pg>(&POSTGRES)?, "SELECT to_regclass('__diesel_schema_migrations') IS NOT NULL AS found")
        }
    };
    let has_history: History = diesel::sql_query(question).get_result(connection)?;
    let applied: Vec<AppliedVersion> = if has_history.found {
        diesel::sql_query("SELECT version FROM __diesel_schema_migrations").load(connection)?
    } else {
        Vec::new()
    };
    let applied: BTreeSet<String> = applied.into_iter().map(|row| row.version).collect();
    Ok(MigrationState {
        applied: applied.len(),
        newest: applied.last().cloned(),
        pending: known.difference(&applied).cloned().collect(),
        unknown: applied.difference(&known).cloned().collect(),
    })
}

fn versions<DB: Backend>(migrations: &EmbeddedMigrations) -> Result<BTreeSet<String>, StorageError>
where
    EmbeddedMigrations: MigrationSource<DB>,
{
    let known = MigrationSource::<DB>::migrations(migrations)
        .map_err(|cause| StorageError::Query(format!("the embedded migrations are unreadable: {cause}")))?;
    Ok(known.iter().map(|migration| migration.name().version().to_string()).collect())
}

#[derive(QueryableByName)]
struct BrokenReference {
    #[diesel(sql_type = Text)]
    table_name: String,
}

#[derive(QueryableByName)]
struct History {
    #[diesel(sql_type = Bool)]
    found: bool,
}

#[derive(QueryableByName)]
struct AppliedVersion {
    #[diesel(sql_type = Text)]
    version: String,
}
