//! Responses by idempotency key, stored in the transaction of the request.
//!
//! The key itself is never stored, only its SHA-256: together with the row's salt the key reveals a guest's
//! tracking token.

use crate::db::dialect::on_backend::on_backend;
use crate::db::dialect::prepared::prepared_statement;
use crate::db::schema::idempotency_keys;
use crate::db::vault::{self, SealedColumn};
use crate::db::{DbConnection, StorageError};
use crate::kernel::Instant;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Integer, Text, Timestamp};

/// A stored response.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = idempotency_keys)]
pub struct StoredResponse {
    /// SHA-256 of the request body.
    pub body_hash: String,
    /// Random, fixed at first use.
    pub salt: String,
    /// The HTTP status; 0 while the first request is in progress.
    pub status: i32,
    /// The JSON body, without secrets.
    pub response: String,
}

prepared_statement!(
    /// Inserts a key unless it exists.
    InsertKey:
        "INSERT INTO idempotency_keys (caller, key_hash, body_hash, salt, status, response, created_at) VALUES (",
        caller: Text = &'a str, ", ", key_hash: Text = &'a str, ", ", body_hash: Text = &'a str, ", ", salt: Text = &'a str,
        ", 0, '', ", now: Timestamp = Instant, ") ON CONFLICT (caller, key_hash) DO NOTHING"
);

prepared_statement!(
    /// Stores the response of a claimed key.
    StoreResponse:
        "UPDATE idempotency_keys SET status = ", status: Integer = i32, ", response = ", response: Text = &'a str,
        " WHERE caller = ", caller: Text = &'a str, " AND key_hash = ", key_hash: Text = &'a str, ""
);

/// Claims a key in this transaction; returns false when it exists.
///
/// On PostgreSQL a second caller waits here until the first transaction ends.
pub fn claim(
    connection: &mut DbConnection,
    caller: &str,
    key_hash: &str,
    body_hash: &str,
    salt: &str,
    now: Instant,
) -> Result<bool, StorageError> {
    let statement = InsertKey::new(caller, key_hash, body_hash, salt, now);
    let rows = on_backend!(connection, either => statement.execute(either))?;
    Ok(rows == 1)
}

/// Returns the stored response of a key.
pub fn find(connection: &mut DbConnection, caller: &str, key_hash: &str) -> Result<Option<StoredResponse>, StorageError> {
    let found = idempotency_keys::table.find((caller, key_hash)).select(StoredResponse::as_select());
    let found: Option<StoredResponse> = found.get_result(connection).optional()?;
    let open = |answer: StoredResponse| {
        let response = vault::open(SealedColumn::FIRST_ANSWER, key_hash, &answer.response)?;
        Ok(StoredResponse { response, ..answer })
    };
    found.map(open).transpose()
}

/// Stores the response of a claimed key.
pub fn keep(
    connection: &mut DbConnection,
    caller: &str,
    key_hash: &str,
    status: i32,
    response: &str,
) -> Result<(), StorageError> {
    let sealed = vault::seal(SealedColumn::FIRST_ANSWER, key_hash, response)?;
    let statement = StoreResponse::new(status, &sealed, caller, key_hash);
    on_backend!(connection, either => statement.execute(either))?;
    Ok(())
}

/// Deletes responses created before `before`, at most `limit` of them so that the writer is not blocked for long;
/// returns the number.
pub fn purge(connection: &mut DbConnection, before: Instant, limit: i64) -> Result<usize, StorageError> {
    let statement = "DELETE FROM idempotency_keys WHERE (caller, key_hash) IN \
        (SELECT caller, key_hash FROM idempotency_keys WHERE created_at < $1 ORDER BY created_at LIMIT $2)";
    Ok(diesel::sql_query(statement).bind::<Timestamp, _>(before).bind::<BigInt, _>(limit).execute(connection)?)
}
