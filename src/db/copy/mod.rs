//! Copies a whole database into another one, of the same or the other kind.
//!
//! Called by `ops::cli::copy` and `ops::cli::backup`; everything blocks. Takes two addresses; afterwards the
//! target has the same rows, ids and sequences. Rules: tables come from the catalogue, not from a list; the source
//! is read as one snapshot; everything on the target happens in one transaction, committed only after every table
//! was read back and compared.

mod catalogue;
mod cell;
mod read;
mod target;
mod write;

use crate::db::connection::{Access, DatabaseUrl, DbConnection, SessionSettings};
use crate::db::migrate::{self, MigrationState};
use crate::db::{Backend, StorageError};
use catalogue::CopyTable;
use diesel::connection::SimpleConnection;
use diesel::{Connection, SqliteConnection};
use std::collections::BTreeMap;
use std::path::Path;

/// Number of rows between progress reports.
const TELL_EVERY: u64 = 1_000;

/// Why nothing was copied.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// Source and target are the same.
    #[error("both addresses name the same database")]
    Same,
    /// The source does not exist.
    #[error("there is no database {0}")]
    NoSource(String),
    /// The target is not empty.
    #[error("the target is not empty: {table} holds {rows} rows; nothing is overwritten, give an empty database")]
    NotEmpty {
        /// The first table with rows.
        table: String,
        rows: u64,
    },
    /// One database belongs to another version of this program.
    #[error("{0}")]
    Version(String),
    /// The databases have different tables.
    #[error("{0}")]
    Schema(String),
    /// A value cannot be stored in the target unchanged.
    #[error("{table}.{column} in row {row} by its key {why}")]
    Value {
        table: String,
        column: String,
        /// Row number, from 1 in key order.
        row: u64,
        /// What is wrong with it.
        why: String,
    },
    /// A row refers to a missing row.
    #[error("a row of {0} refers to a row that does not exist")]
    Broken(String),
    /// The rows read back differ from the source.
    #[error("{0} came out otherwise than it went in")]
    Differs(String),
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl From<diesel::result::Error> for CopyError {
    fn from(error: diesel::result::Error) -> Self {
        Self::Storage(error.into())
    }
}

/// A digest of one table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableDigest {
    pub rows: u64,
    /// SHA-256 over all values of all rows, in key order.
    pub sha256: String,
    /// The last value of its sequence; `None` without one.
    pub counter: Option<i64>,
}

/// Digests by table.
pub type DatabaseContents = BTreeMap<String, TableDigest>;

/// Copies everything; reports progress as rows done and total rows, each counted once for writing and once for
/// reading back.
///
/// # Errors
/// Any cause that prevents a complete copy; the target stays empty then.
pub fn copy(from: &DatabaseUrl, to: &DatabaseUrl, tell: &mut dyn FnMut(u64, u64)) -> Result<DatabaseContents, CopyError> {
    if is_same(from, to) {
        return Err(CopyError::Same);
    }
    let mut source = reader(from)?;
    let was_absent = to.sqlite_path().filter(|path| !path.exists());
    let copied = prepare(to).and_then(|()| between(&mut source, to, tell));
    if copied.is_err()
        && let Some(path) = was_absent
    {
        remove(path);
    }
    copied
}

/// Returns the digests of a database; both sides of a copy have the same.
///
/// `like` names the other database of a comparison; if one of them is PostgreSQL, its column types are used.
///
/// # Errors
/// Database errors; a value that the other kind cannot store.
pub fn contents(url: &DatabaseUrl, like: Option<&DatabaseUrl>) -> Result<DatabaseContents, CopyError> {
    let mut connection = reader(url)?;
    let mut tables = catalogue::tables(&mut connection)?;
    if let Some(like) = like {
        let mut other = reader(like)?;
        tables = catalogue::agreed(tables, &catalogue::tables(&mut other)?)?;
    }
    let mut found = DatabaseContents::new();
    for table in &tables {
        let (rows, sha256) = read::every_row(&mut connection, table, &mut |_| Ok(()))?;
        let counter = table.counter.as_ref().map(|column| target::counter(&mut connection, &table.name, column)).transpose()?;
        found.insert(table.name.clone(), TableDigest { rows, sha256, counter });
    }
    Ok(found)
}

/// Returns the number of rows per table of an SQLite file, opened without session setup, which would leave files
/// beside it.
pub fn rows_of_file(path: &str) -> Result<BTreeMap<String, u64>, CopyError> {
    let connection = SqliteConnection::establish(path).map_err(StorageError::from)?;
    rows(&mut DbConnection::Sqlite(connection))
}

fn rows(connection: &mut DbConnection) -> Result<BTreeMap<String, u64>, CopyError> {
    let tables = catalogue::tables(connection)?;
    tables.into_iter().map(|table| Ok((table.name.clone(), read::count(connection, &table.name)?))).collect()
}

/// Returns the number of rows of a table, 0 when the database has no tables.
pub fn rows_of(url: &DatabaseUrl, table: &str) -> Result<u64, CopyError> {
    let mut connection = url.connect(Access::Read, SessionSettings::UNLIMITED)?;
    Ok(rows(&mut connection)?.get(table).copied().unwrap_or_default())
}

/// Returns the last values of all sequences, by table.
pub fn counters(url: &DatabaseUrl) -> Result<Vec<(String, i64)>, CopyError> {
    let mut connection = reader(url)?;
    let mut found = Vec::new();
    for table in catalogue::tables(&mut connection)? {
        if let Some(column) = &table.counter {
            found.push((table.name.clone(), target::counter(&mut connection, &table.name, column)?));
        }
    }
    Ok(found)
}

fn is_same(from: &DatabaseUrl, to: &DatabaseUrl) -> bool {
    match (from.sqlite_path(), to.sqlite_path()) {
        (Some(one), Some(other)) => match (one.canonicalize(), other.canonicalize()) {
            (Ok(one), Ok(other)) => one == other,
            _ => one == other,
        },
        _ => from == to,
    }
}

/// Opens a connection with a read-only snapshot.
fn reader(url: &DatabaseUrl) -> Result<DbConnection, CopyError> {
    if url.sqlite_path().is_some_and(|path| !path.is_file()) {
        return Err(CopyError::NoSource(url.without_password()));
    }
    let mut connection = url.connect(Access::Read, SessionSettings::UNLIMITED)?;
    be_patient(&mut connection)?;
    connection.begin_read()?;
    let state = migrate::state(&mut connection)?;
    if state.applied == 0 {
        return Err(CopyError::NoSource(url.without_password()));
    }
    is_current(url, &state)?;
    Ok(connection)
}

/// Disables the idle timeout, because each side waits for the other longer than a request would.
fn be_patient(connection: &mut DbConnection) -> Result<(), CopyError> {
    if connection.backend() == Backend::Postgres {
        connection.batch_execute("SET idle_in_transaction_session_timeout = 0")?;
    }
    Ok(())
}

fn is_current(url: &DatabaseUrl, state: &MigrationState) -> Result<(), CopyError> {
    let database = url.without_password();
    if let Some(version) = state.unknown.first() {
        return Err(CopyError::Version(format!(
            "{database} was written by a newer version of this program (migration {version})"
        )));
    }
    match state.pending.first() {
        None => Ok(()),
        Some(version) => Err(CopyError::Version(format!(
            "{database} is of an older version (migration {version} is missing); run `pakn migrate` on it first"
        ))),
    }
}

/// Creates the schema of an empty target.
fn prepare(to: &DatabaseUrl) -> Result<(), CopyError> {
    let is_there = to.sqlite_path().is_none_or(Path::is_file);
    let state = match is_there {
        true => Some(migrate::state(&mut to.connect(Access::Write, SessionSettings::UNLIMITED)?)?),
        false => None,
    };
    match state {
        Some(state) if state.applied > 0 => is_current(to, &state),
        _ => Ok(migrate::migrate(to).map(drop)?),
    }
}

fn between(source: &mut DbConnection, to: &DatabaseUrl, tell: &mut dyn FnMut(u64, u64)) -> Result<DatabaseContents, CopyError> {
    let mut target = to.connect(Access::Write, SessionSettings::UNLIMITED)?;
    be_patient(&mut target)?;
    if target.backend() == Backend::Sqlite {
        target.batch_execute("PRAGMA foreign_keys = OFF; PRAGMA cache_size = -65536")?;
    }
    let tables = catalogue::agreed(catalogue::tables(source)?, &catalogue::tables(&mut target)?)?;
    target.begin_write()?;
    let copied = inside(source, &mut target, &tables, tell);
    match copied {
        Ok(contents) => {
            target.commit()?;
            target::analysed(&mut target, to);
            Ok(contents)
        }
        Err(error) => {
            // The first error is the informative one.
            let _ = target.roll_back();
            Err(error)
        }
    }
}

fn inside(
    source: &mut DbConnection,
    target: &mut DbConnection,
    tables: &[CopyTable],
    tell: &mut dyn FnMut(u64, u64),
) -> Result<DatabaseContents, CopyError> {
    let back = target::drop_foreign_keys(target)?;
    target::emptied(target, tables)?;
    let mut total = 0;
    for table in tables {
        total += 2 * read::count(source, &table.name)?;
    }
    let mut done: u64 = 0;
    let mut step = move || {
        done += 1;
        if done.is_multiple_of(TELL_EVERY) {
            tell(done, total);
        }
    };
    let mut contents = DatabaseContents::new();
    for table in tables {
        let mut rows = write::RowBatch::new(table, target);
        let (count, sha256) = read::every_row(source, table, &mut |row| {
            step();
            rows.add(target, row)
        })?;
        rows.store(target)?;
        let counter = match &table.counter {
            Some(column) => {
                let last = target::counter(source, &table.name, column)?;
                target::set_counter(target, &table.name, column, last)?;
                Some(target::counter(target, &table.name, column)?)
            }
            None => None,
        };
        contents.insert(table.name.clone(), TableDigest { rows: count, sha256, counter });
    }
    target::restore_foreign_keys(target, &back)?;
    for table in tables {
        let (_, sha256) = read::every_row(target, table, &mut |_| {
            step();
            Ok(())
        })?;
        if contents.get(&table.name).is_none_or(|held| held.sha256 != sha256) {
            return Err(CopyError::Differs(table.name.clone()));
        }
    }
    Ok(contents)
}

/// Deletes a target file created for a failed copy.
fn remove(path: &Path) {
    for ending in ["", "-wal", "-shm"] {
        let mut name = path.as_os_str().to_owned();
        name.push(ending);
        let _ = std::fs::remove_file(name);
    }
}
