//! Checks accounts and their roles: each row must match the digest stored with its last change.

use super::ReportSink;
use super::RunningCheck;
use crate::accounts::store::account_digest::page;
use crate::db::Db;
use crate::db::service_error::ServiceError;

/// Accounts per page.
const SPAN: i64 = 1000;

pub(super) async fn check(db: &Db, sink: ReportSink<'_>) -> Result<usize, ServiceError> {
    let mut check = RunningCheck::new("accounts");
    let (mut after, mut count, mut bare) = (0, 0, Vec::new());
    loop {
        let seen = db.read(move |connection| page(connection, after, SPAN)).await?;
        let Some(last) = seen.last else { break };
        after = last;
        count += seen.accounts;
        bare.extend(seen.bare);
        let sentence = |id: &i64| format!("accounts row {id} or its account_roles are not what their last change left behind");
        check.find_all(seen.changed.iter().map(sentence).collect(), sink);
    }
    // A database that has not been opened since digests were introduced has none at all.
    if bare.len() < count {
        check.find_all(bare.iter().map(|id| format!("accounts row {id} has no imprint")).collect(), sink);
    }
    Ok(check.end(format!("{count} accounts, each as its last change left it"), sink))
}
