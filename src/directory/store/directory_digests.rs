//! Integrity digests of the directory: a hash of every row, and a hash chain of the changes of each version.
//!
//! Rule: the hash input of a row never changes; a column added later gets a separate hash under its own name.

use crate::db::schema::{
    agencies, agency_successors, api_keys, areas, audit, calendar_days, categories, confirmed_years, deadline_rules,
    directory_imprints, directory_state, exchange_links, routing_rules, webhooks, working_sessions,
};
use crate::db::{DbConnection, StorageError};
use crate::kernel::Instant;
use crate::kernel::record_digest::{FieldHasher, stored};
use chrono::{NaiveDate, NaiveTime};
use diesel::prelude::*;
use std::collections::BTreeMap;

/// The digest of one version.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = directory_imprints)]
pub struct DirectoryDigestRow {
    /// 1, 2, 3 … without gaps.
    pub sequence: i64,
    pub at: Instant,
    /// Hashes of the changed rows, by table and row, as JSON; empty for a deleted row.
    pub changed: String,
    /// The hash of all rows.
    pub whole: String,
    /// The hash of the previous version; empty for the first.
    pub previous_hash: String,
    /// The hash of this version.
    pub hash: String,
}

impl DirectoryDigestRow {
    /// Computes the expected hash of this version.
    #[must_use]
    pub fn right_hash(&self) -> String {
        FieldHasher::of("directory imprint")
            .value(self.sequence)
            .text(&self.at.to_rfc3339())
            .text(&self.changed)
            .text(&self.whole)
            .text(&self.previous_hash)
            .hex()
    }

    /// Returns the changed rows.
    #[must_use]
    pub fn changes(&self) -> BTreeMap<String, String> {
        serde_json::from_str(&self.changed).unwrap_or_default()
    }
}

/// Name of the audit record field with the hash of the version that a change produced.
pub const IN_AUDIT: &str = "directory_hash";

/// Hashes of rows by `table row`.
pub type RowHashes = BTreeMap<String, String>;

/// Returns the hash of all rows.
#[must_use]
pub fn whole(rows: &RowHashes) -> String {
    rows.iter().fold(FieldHasher::of("directory"), |fields, (name, hash)| fields.text(name).text(hash)).finish()
}

/// Applies the changes of a version.
pub fn apply(rows: &mut RowHashes, version: &DirectoryDigestRow) {
    for (name, hash) in version.changes() {
        if hash.is_empty() {
            rows.remove(&name);
        } else {
            rows.insert(name, hash);
        }
    }
}

/// Returns all versions in order.
pub fn all(connection: &mut DbConnection) -> Result<Vec<DirectoryDigestRow>, StorageError> {
    let rows = directory_imprints::table.order(directory_imprints::sequence);
    Ok(rows.select(DirectoryDigestRow::as_select()).load(connection)?)
}

/// Appends a version if the directory has changed; returns its hash, or `None` if nothing has changed.
pub fn append(connection: &mut DbConnection, now: Instant) -> Result<Option<String>, StorageError> {
    let versions = all(connection)?;
    let mut before = RowHashes::new();
    versions.iter().for_each(|version| apply(&mut before, version));
    let after = rows(connection)?;
    let gone = before.keys().filter(|name| !after.contains_key(*name)).map(|name| (name.clone(), String::new()));
    let new =
        after.iter().filter(|(name, hash)| before.get(*name) != Some(hash)).map(|(name, hash)| (name.clone(), hash.clone()));
    let changed: RowHashes = gone.chain(new).collect();
    if changed.is_empty() {
        return Ok(None);
    }
    let last = versions.last();
    let mut version = DirectoryDigestRow {
        sequence: last.map_or(1, |last| last.sequence + 1),
        at: last.map_or(now, |last| now.max(last.at)),
        changed: stored(&changed),
        whole: whole(&after),
        previous_hash: last.map(|last| last.hash.clone()).unwrap_or_default(),
        hash: String::new(),
    };
    version.hash = version.right_hash();
    diesel::insert_into(directory_imprints::table).values(&version).execute(connection)?;
    Ok(Some(version.hash))
}

/// Returns the version hashes recorded in the audit record.
pub fn named_by_audit(connection: &mut DbConnection) -> Result<Vec<String>, StorageError> {
    let details: Vec<String> =
        audit::table.filter(audit::detail.like(format!("%\"{IN_AUDIT}\"%"))).select(audit::detail).load(connection)?;
    let named = details.iter().filter_map(|detail| {
        let detail: serde_json::Value = serde_json::from_str(detail).ok()?;
        Some(detail.get(IN_AUDIT)?.as_str()?.to_owned())
    });
    Ok(named.collect())
}

/// A column value as hash input.
trait HashInput {
    fn put(&self, fields: FieldHasher) -> FieldHasher;
}

macro_rules! plain {
    ($($kind:ty),+) => {$(
        impl HashInput for $kind {
            fn put(&self, fields: FieldHasher) -> FieldHasher {
                fields.value(self)
            }
        }
    )+};
}

plain!(i64, i32, bool, f64, String, NaiveDate, NaiveTime);

impl HashInput for Instant {
    fn put(&self, fields: FieldHasher) -> FieldHasher {
        fields.text(&self.to_rfc3339())
    }
}

impl<T: HashInput> HashInput for Option<T> {
    fn put(&self, fields: FieldHasher) -> FieldHasher {
        match self {
            Some(value) => value.put(fields.value(true)),
            None => fields.value(false),
        }
    }
}

/// Adds the rows of a table; the first column identifies the row.
macro_rules! add {
    ($rows:ident, $connection:ident, $table:ident: $key:ident $key_kind:ty $(, $column:ident $kind:ty)+) => {
        let found: Vec<($key_kind, $($kind,)+)> =
            $table::table.select(($table::$key, $($table::$column,)+)).load($connection)?;
        for ($key, $($column,)+) in found {
            let mut fields = FieldHasher::of(stringify!($table));
            $(fields = $column.put(fields);)+
            $rows.insert(format!("{} {}", stringify!($table), $key), fields.finish());
        }
    };
}

/// Returns the current hash of every row. Secrets and usage counters are excluded.
pub fn rows(connection: &mut DbConnection) -> Result<RowHashes, StorageError> {
    let mut rows = RowHashes::new();
    add!(rows, connection, areas: id i64, code String, name String, search_name String, kind String, parent_id Option<i64>,
         latitude Option<f64>, longitude Option<f64>, valid_from NaiveDate, valid_to Option<NaiveDate>, version i32);
    add!(rows, connection, agencies: id i64, code String, name String, short_name String, search_name String, level String,
         kind String, parent_id Option<i64>, area_id i64, two_person_approval bool, valid_from NaiveDate,
         valid_to Option<NaiveDate>, version i32);
    add!(rows, connection, agency_successors: id i64, old_agency_id i64, new_agency_id i64, effective_on NaiveDate,
         relation String, is_primary bool);
    add!(rows, connection, categories: id i64, code String, name_vi String, name_en Option<String>, search_name String,
         parent_id Option<i64>, department_code String, district_division String, default_level String,
         processing_working_days i32, examples String, valid_from NaiveDate, valid_to Option<NaiveDate>, version i32);
    add!(rows, connection, routing_rules: id i64, position i32, name String, conditions String, target String,
         valid_from NaiveDate, valid_to Option<NaiveDate>, version i32);
    add!(rows, connection, calendar_days: day NaiveDate, kind String, name String, is_official bool);
    add!(rows, connection, working_sessions: id i64, starts_at NaiveTime, ends_at NaiveTime, valid_from NaiveDate,
         valid_to Option<NaiveDate>);
    add!(rows, connection, deadline_rules: id i64, category_code Option<String>, urgency String, amount Option<i32>, unit String,
         valid_from NaiveDate, valid_to Option<NaiveDate>, version i32);
    for year in confirmed_years::table.select(confirmed_years::year).load::<i32>(connection)? {
        rows.insert(format!("confirmed_years {year}"), FieldHasher::of("confirmed_years").value(year).finish());
    }
    add!(rows, connection, directory_state: id i32, directory_version i64, calendar_version i64, is_demo bool);
    add!(rows, connection, webhooks: id i64, name String, url String, actions String, agency_id Option<i64>,
         category_id Option<i64>, created_at Instant, ended_at Option<Instant>, version i32);
    add!(rows, connection, api_keys: id i64, name String, partner String, key_hash String, scope String, channel String,
         requests_per_hour i32, created_at Instant, ended_at Option<Instant>, version i32);
    add!(rows, connection, exchange_links: id i64, agency_id i64, organ_id String, organ_original String,
         sender_organ_id String, transport String, address String, account_id i64, active_from NaiveDate,
         active_until Option<NaiveDate>, version i32);
    Ok(rows)
}
