//! Checks encrypted personal data: every value decrypts in its own place with the available keys and is found
//! by its lookup hash; no personal data is stored in plain text.

use super::ReportSink;
use super::RunningCheck;
use crate::db::Db;
use crate::db::service_error::ServiceError;
use crate::db::vault::SEALED_COLUMNS;

/// Values per transaction.
const PAGE: i64 = 1000;

/// Decrypts everything. Without the keys, for example on a copied database, nothing can be checked.
pub(super) async fn check(db: &Db, sink: ReportSink<'_>) -> Result<usize, ServiceError> {
    let mut check = RunningCheck::new("personal data");
    if !db.vault().key_names().is_ok_and(|names| !names.is_empty()) {
        return Ok(check.end("no keys here, nothing was opened".to_owned(), sink));
    }
    let mut values = 0;
    for place in SEALED_COLUMNS {
        let mut after: Option<String> = None;
        loop {
            let from = after.clone();
            let page = db
                .read(move |connection| crate::personal::store::reseal::unopened(connection, *place, from.as_deref(), PAGE))
                .await?;
            values += page.values;
            let sentence = |row: &String| format!("{} of row {row} does not open", place.name());
            check.find_all(page.closed.iter().map(sentence).collect(), sink);
            let sentence = |row: &String| format!("{} of row {row} is not found by its hash", place.name());
            check.find_all(page.unfindable.iter().map(sentence).collect(), sink);
            let Some(last) = page.last else { break };
            after = Some(last);
        }
    }
    Ok(check.end(format!("{values} values opened"), sink))
}
