//! Appends to an audit chain: locks the end of the stream, then inserts behind it.
//!
//! Every action of an officer waits for these statements. PostgreSQL locks the row of the stream, and moves the
//! end and inserts in one statement to save a round trip, which SQLite cannot; SQLite has a single writer and no
//! round trips.

use crate::audit::rules::AuditEntry;
use crate::db::dialect::prepared::prepared_statement;
use crate::db::{DbConnection, StorageError};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text};

prepared_statement!(
    /// Selects the end of a stream.
    SelectTail -> (BigInt, Text, Text):
        "SELECT last_sequence, last_hash, last_at FROM audit_streams WHERE stream = ", stream: Text = &'a str, ""
);

prepared_statement!(
    /// Selects and locks the end of a stream until the transaction ends.
    LockTail -> (BigInt, Text, Text):
        "SELECT last_sequence, last_hash, last_at FROM audit_streams WHERE stream = ", stream: Text = &'a str, " FOR UPDATE"
);

prepared_statement!(
    /// Inserts an empty stream unless it exists.
    InsertStream:
        "INSERT INTO audit_streams (stream, last_sequence, last_hash) VALUES (", stream: Text = &'a str,
        ", 0, '') ON CONFLICT (stream) DO NOTHING"
);

prepared_statement!(
    /// Updates the end of a stream.
    MoveTail:
        "UPDATE audit_streams SET last_sequence = ", sequence: BigInt = i64, ", last_hash = ", hash: Text = &'a str,
        ", last_at = ", at: Text = &'a str, " WHERE stream = ", stream: Text = &'a str, ""
);

prepared_statement!(
    /// Inserts an entry.
    InsertEntry:
        "INSERT INTO audit (stream, sequence, at, account_id, roles, action, subject_kind, subject, source, request_id, detail, \
         previous_hash, hash) VALUES (",
        stream: Text = &'a str, ", ", sequence: BigInt = i64, ", ", at: Text = &'a str, ", ",
        account: Nullable<BigInt> = Option<i64>, ", ", roles: Text = &'a str, ", ", action: Text = &'a str, ", ",
        subject_kind: Text = &'a str, ", ", subject: Text = &'a str, ", ", source: Nullable<Text> = Option<&'a str>, ", ",
        request_id: Nullable<Text> = Option<&'a str>, ", ", detail: Text = &'a str, ", ", previous_hash: Text = &'a str, ", ",
        hash: Text = &'a str, ")"
);

prepared_statement!(
    /// Updates the end of a stream and inserts an entry in one statement.
    MoveTailAndInsertEntry:
        "WITH moved AS (UPDATE audit_streams SET last_sequence = ", last_sequence: BigInt = i64, ", last_hash = ",
        last_hash: Text = &'a str, ", last_at = ", last_at: Text = &'a str, " WHERE stream = ", of_stream: Text = &'a str, ") \
         INSERT INTO audit (stream, sequence, at, account_id, roles, action, subject_kind, subject, source, request_id, detail, \
         previous_hash, hash) VALUES (",
        stream: Text = &'a str, ", ", sequence: BigInt = i64, ", ", at: Text = &'a str, ", ",
        account: Nullable<BigInt> = Option<i64>, ", ", roles: Text = &'a str, ", ", action: Text = &'a str, ", ",
        subject_kind: Text = &'a str, ", ", subject: Text = &'a str, ", ", source: Nullable<Text> = Option<&'a str>, ", ",
        request_id: Nullable<Text> = Option<&'a str>, ", ", detail: Text = &'a str, ", ", previous_hash: Text = &'a str, ", ",
        hash: Text = &'a str, ")"
);

/// The last entry of a stream: number, hash and time.
pub type StreamTail = (i64, String, String);

/// Returns the last entry of a stream, locked until the transaction ends; creates a missing stream.
pub fn lock_tail(connection: &mut DbConnection, stream: &str) -> Result<StreamTail, StorageError> {
    if let Some(end) = tail_of(connection, stream)? {
        return Ok(end);
    }
    match connection {
        DbConnection::Sqlite(sqlite) => InsertStream::new(stream).execute(sqlite)?,
        DbConnection::Postgres(pg) => InsertStream::new(stream).execute(pg)?,
    };
    // Another transaction may have created the stream and inserted an entry by now.
    tail_of(connection, stream)?.ok_or(StorageError::Missing)
}

fn tail_of(connection: &mut DbConnection, stream: &str) -> Result<Option<StreamTail>, StorageError> {
    Ok(match connection {
        DbConnection::Sqlite(sqlite) => SelectTail::new(stream).get_result(sqlite).optional()?,
        DbConnection::Postgres(pg) => LockTail::new(stream).get_result(pg).optional()?,
    })
}

/// Inserts an entry behind the end returned by [`lock_tail`].
pub fn enter(connection: &mut DbConnection, entry: &AuditEntry, hash: &str) -> Result<(), StorageError> {
    let AuditEntry { stream, sequence, at, roles, action, subject_kind, subject, detail, previous_hash, .. } = entry;
    let (account, source, request_id) = (entry.account_id.map(|id| id.0), entry.source.as_deref(), entry.request_id.as_deref());
    match connection {
        DbConnection::Sqlite(sqlite) => {
            let enter = InsertEntry::new(
                stream,
                *sequence,
                at,
                account,
                roles,
                action,
                subject_kind,
                subject,
                source,
                request_id,
                detail,
                previous_hash,
                hash,
            );
            enter.execute(sqlite)?;
            MoveTail::new(*sequence, hash, at, stream).execute(sqlite)?;
        }
        DbConnection::Postgres(pg) => {
            let enter = MoveTailAndInsertEntry::new(
                *sequence,
                hash,
                at,
                stream,
                stream,
                *sequence,
                at,
                account,
                roles,
                action,
                subject_kind,
                subject,
                source,
                request_id,
                detail,
                previous_hash,
                hash,
            );
            enter.execute(pg)?;
        }
    }
    Ok(())
}
