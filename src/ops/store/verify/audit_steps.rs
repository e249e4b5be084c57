//! Timeline hashes that audit entries refer to.

use crate::db::schema::{petitions, timeline};
use crate::db::{DbConnection, StorageError};
use diesel::prelude::*;
use std::collections::HashMap;

/// Returns the hashes of all timeline entries of the given petitions, by code and sequence.
pub fn links(connection: &mut DbConnection, codes: &[String]) -> Result<HashMap<(String, i32), String>, StorageError> {
    let mut links = HashMap::new();
    for part in codes.chunks(500) {
        let rows: Vec<(String, i32, String)> = timeline::table
            .inner_join(petitions::table.on(petitions::id.eq(timeline::petition_id)))
            .filter(petitions::code.eq_any(part))
            .select((petitions::code, timeline::sequence, timeline::chain_hash))
            .load(connection)?;
        links.extend(rows.into_iter().map(|(code, sequence, hash)| ((code, sequence), hash)));
    }
    Ok(links)
}
