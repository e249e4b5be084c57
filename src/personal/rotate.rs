//! Sealing anew under the present key, place by place and batch by batch.

use crate::app::App;
use crate::db::service_error::ServiceError;
use crate::db::vault::{SEALED_COLUMNS, SealedColumn};
use std::collections::BTreeMap;

/// Values of one transaction: few enough that nobody waits long for the writer.
const BATCH: i64 = 200;

/// What was done.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ResealReport {
    /// Values that were looked at.
    pub values: usize,
    /// Values that were sealed anew.
    pub sealed: usize,
    /// Values that did not open, as `table.column row`.
    pub closed: Vec<String>,
}

/// Seals everything that lies in clear or under an earlier key, telling after each batch what was done.
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

/// How many values each key has sealed; an empty name stands for values in clear.
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
