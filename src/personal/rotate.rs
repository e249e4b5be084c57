//! Re-encrypts personal data under the current key, column by column and in batches.

use crate::app::App;
use crate::db::service_error::ServiceError;
use crate::db::vault::{SEALED_COLUMNS, SealedColumn};
use std::collections::BTreeMap;

/// Values per transaction: few enough not to block other writers for long.
const BATCH: i64 = 200;

/// Progress or result of re-encryption.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ResealReport {
    /// Values processed.
    pub values: usize,
    /// Values re-encrypted.
    pub sealed: usize,
    /// Values that could not be decrypted, as `table.column row`.
    pub closed: Vec<String>,
}

/// Encrypts everything stored in plain text or under an earlier key; reports progress after each batch.
pub async fn reseal(app: &App, tell: &mut (dyn FnMut(&ResealReport) + Send)) -> Result<ResealReport, ServiceError> {
    let mut done = ResealReport::default();
    for place in SEALED_COLUMNS {
        let mut after: Option<String> = None;
        loop {
            let from = after.clone();
            let page = app
                .db
                .write(move |connection| crate::personal::store::reseal::reseal(connection, *place, from.as_deref(), BATCH))
                .await?;
            done.values += page.values;
            done.sealed += page.sealed;
            done.closed.extend(page.closed.iter().map(|row| format!("{} {row}", place.name())));
            tell(&done);
            let Some(last) = page.last else { break };
            after = Some(last);
        }
    }
    Ok(done)
}

/// Returns the number of values per key; an empty name stands for plain text.
pub async fn key_use(app: &App) -> Result<BTreeMap<String, i64>, ServiceError> {
    let mut uses = BTreeMap::new();
    for place in SEALED_COLUMNS {
        let place: SealedColumn = *place;
        for (key, count) in app.db.read(move |connection| crate::personal::store::reseal::key_use(connection, place)).await? {
            *uses.entry(key).or_default() += count;
        }
    }
    Ok(uses)
}
