//! Processes an encrypted column: encrypts plain text and values under earlier keys with the current key, or
//! only decrypts everything to check it.
//!
//! Takes a column and the end of the last page, returns a page. Rule: a value that another transaction changed
//! meanwhile is skipped, because that change has already encrypted it.

use crate::db::vault::key_ring::{MARK, key_of};
use crate::db::vault::{LookupKind, SealedColumn, hash, hashes, lent, open, seal};
use crate::db::{DbConnection, StorageError};
use crate::petitions::store::PetitionerIdentity;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text};

/// Result of one page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ResealPage {
    /// Key of the last row; `None` without a row.
    pub last: Option<String>,
    /// Number of values.
    pub values: usize,
    /// Number of re-encrypted values.
    pub sealed: usize,
    /// Keys of the rows whose value cannot be decrypted.
    pub closed: Vec<String>,
    /// Keys of the rows whose value does not match its lookup hash; only filled when checking.
    pub unfindable: Vec<String>,
}

#[derive(QueryableByName)]
struct SealedValue {
    #[diesel(sql_type = Text)]
    row_key: String,
    #[diesel(sql_type = Text)]
    bound_row: String,
    #[diesel(sql_type = Text)]
    value: String,
    #[diesel(sql_type = Text)]
    first_hash: String,
    #[diesel(sql_type = Text)]
    second_hash: String,
}

fn page(
    connection: &mut DbConnection,
    place: SealedColumn,
    after: Option<&str>,
    limit: i64,
) -> Result<Vec<SealedValue>, StorageError> {
    let SealedColumn { table, column, key, row, only, .. } = place;
    let stored = |number: usize| match place.hashes.get(number) {
        Some((column, _)) => format!("COALESCE({column}, '')"),
        None => "''".to_owned(),
    };
    let (first, second) = (stored(0), stored(1));
    let statement = format!(
        "SELECT CAST({key} AS TEXT) AS row_key, {row} AS bound_row, {column} AS value, {first} AS first_hash, \
         {second} AS second_hash FROM {table} \
         WHERE {key} > $1 AND {column} <> '' AND {only} ORDER BY {key} LIMIT $2"
    );
    let query = diesel::sql_query(statement);
    let found = if place.is_numbered {
        let after = after.and_then(|after| after.parse().ok()).unwrap_or(i64::MIN);
        query.bind::<BigInt, _>(after).bind::<BigInt, _>(limit).load(connection)
    } else {
        query.bind::<Text, _>(after.unwrap_or_default().to_owned()).bind::<BigInt, _>(limit).load(connection)
    };
    Ok(found?)
}

/// Encrypts the values of a page that are in plain text or under an earlier key.
///
/// # Errors
/// When there is no key.
pub fn reseal(
    connection: &mut DbConnection,
    place: SealedColumn,
    after: Option<&str>,
    limit: i64,
) -> Result<ResealPage, StorageError> {
    let current = lent()?.key_names()?.into_iter().next().unwrap_or_default();
    let mut done = ResealPage::default();
    for value in page(connection, place, after, limit)? {
        done.values += 1;
        match opened(place, &value)? {
            None => done.closed.push(value.row_key.clone()),
            Some(_) if key_of(&value.value) == Some(&current) => {}
            Some(text) => done.sealed += put(connection, place, &value, &text)?,
        }
        done.last = Some(value.row_key);
    }
    Ok(done)
}

/// Decrypts the values of a page and compares their lookup hashes; plain text counts as not encrypted.
pub fn unopened(
    connection: &mut DbConnection,
    place: SealedColumn,
    after: Option<&str>,
    limit: i64,
) -> Result<ResealPage, StorageError> {
    let mut done = ResealPage::default();
    for value in page(connection, place, after, limit)? {
        done.values += 1;
        match opened(place, &value)?.filter(|_| key_of(&value.value).is_some()) {
            None => done.closed.push(value.row_key.clone()),
            Some(text) if !is_found(place, &value, &text)? => done.unfindable.push(value.row_key.clone()),
            Some(_) => {}
        }
        done.last = Some(value.row_key);
    }
    Ok(done)
}

/// Returns the text of a value; `None` when it cannot be decrypted.
fn opened(place: SealedColumn, value: &SealedValue) -> Result<Option<String>, StorageError> {
    if key_of(&value.value).is_none() {
        return Ok(Some(value.value.clone()));
    }
    match open(place, &value.bound_row, &value.value) {
        Ok(text) => Ok(Some(text)),
        // Its key is missing, or the value was changed or moved by hand. Only an unreadable key ring is an
        // error.
        Err(StorageError::Corrupt { .. }) => Ok(None),
        Err(StorageError::Unavailable(_)) if lent()?.key_names().is_ok() => Ok(None),
        Err(error) => Err(error),
    }
}

fn put(connection: &mut DbConnection, place: SealedColumn, before: &SealedValue, text: &str) -> Result<usize, StorageError> {
    let sealed = seal(place, &before.bound_row, text)?;
    let hashes: Vec<Option<String>> =
        place.hashes.iter().map(|(_, kind)| hash_of(place, *kind, text)).collect::<Result<_, _>>()?;
    let SealedColumn { table, column, key, .. } = place;
    let key = if place.is_numbered { format!("CAST({key} AS TEXT)") } else { key.to_owned() };
    let numbered = place.is_numbered.then(|| before.row_key.parse::<i64>().unwrap_or_default());
    let set: String = place.hashes.iter().zip(2..).map(|((column, _), number)| format!(", {column} = ${number}")).collect();
    let (n, m) = (hashes.len() + 2, hashes.len() + 3);
    let which = if place.is_numbered { place.key } else { &key };
    let statement = format!("UPDATE {table} SET {column} = $1{set} WHERE {which} = ${n} AND {column} = ${m}");
    let query = diesel::sql_query(statement).bind::<Text, _>(sealed);
    macro_rules! finish {
        ($query:expr) => {
            match numbered {
                Some(number) => $query.bind::<BigInt, _>(number).bind::<Text, _>(&before.value).execute(connection),
                None => $query.bind::<Text, _>(&before.row_key).bind::<Text, _>(&before.value).execute(connection),
            }
        };
    }
    let mut hashes = hashes.into_iter();
    Ok(match (hashes.next(), hashes.next()) {
        (None, _) => finish!(query),
        (Some(one), None) => finish!(query.bind::<Nullable<Text>, _>(one)),
        (Some(one), Some(other)) => finish!(query.bind::<Nullable<Text>, _>(one).bind::<Nullable<Text>, _>(other)),
    }?)
}

/// Returns whether the stored lookup hashes match the value under any of the available keys.
fn is_found(place: SealedColumn, stored: &SealedValue, text: &str) -> Result<bool, StorageError> {
    for ((_, kind), hash) in place.hashes.iter().zip([&stored.first_hash, &stored.second_hash]) {
        let own = match looked_up(place, *kind, text)? {
            Some(value) => hashes(*kind, &value)?.contains(hash),
            None => hash.is_empty(),
        };
        if !own {
            return Ok(false);
        }
    }
    Ok(true)
}

fn hash_of(place: SealedColumn, kind: LookupKind, text: &str) -> Result<Option<String>, StorageError> {
    looked_up(place, kind, text)?.map(|value| hash(kind, &value)).transpose()
}

/// Returns the part of the decrypted value that the lookup hash covers.
fn looked_up(place: SealedColumn, kind: LookupKind, text: &str) -> Result<Option<String>, StorageError> {
    if place != SealedColumn::PERSON {
        return Ok(Some(text.to_owned()));
    }
    let person = PetitionerIdentity::read(text)?;
    Ok(match kind {
        LookupKind::Phone => person.phone,
        LookupKind::Email => person.email,
    })
}

#[derive(QueryableByName)]
struct KeyUse {
    #[diesel(sql_type = Text)]
    key_name: String,
    #[diesel(sql_type = BigInt)]
    uses: i64,
}

/// Returns the number of values of a column per key; an empty name stands for plain text.
pub fn key_use(connection: &mut DbConnection, place: SealedColumn) -> Result<Vec<(String, i64)>, StorageError> {
    let SealedColumn { table, column, only, .. } = place;
    let statement = format!(
        "SELECT key_name, COUNT(*) AS uses FROM (SELECT CASE WHEN {column} LIKE '{MARK}%' THEN SUBSTR({column}, 4, 8) ELSE '' END \
         AS key_name FROM {table} WHERE {column} <> '' AND {only}) AS used GROUP BY key_name ORDER BY key_name"
    );
    let found: Vec<KeyUse> = diesel::sql_query(statement).load(connection)?;
    Ok(found.into_iter().map(|row| (row.key_name, row.uses)).collect())
}
