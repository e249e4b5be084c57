//! Checks the directory and all other administered data: each row matches its newest version, the versions form
//! one hash chain, and each version named by the audit record exists.

use super::ReportSink;
use super::RunningCheck;
use crate::db::service_error::ServiceError;
use crate::db::{Db, DbConnection};
use crate::directory::store::directory_digests::{self, RowHashes, apply, rows, whole};

/// Maximum number of rows reported individually.
const NAMED: usize = 50;

pub(super) async fn check(db: &Db, sink: ReportSink<'_>) -> Result<usize, ServiceError> {
    let mut check = RunningCheck::new("directory");
    let (looked_at, findings) = db.read(look).await?;
    check.find_all(findings, sink);
    Ok(check.end(looked_at, sink))
}

fn look(connection: &mut DbConnection) -> Result<(String, Vec<String>), ServiceError> {
    let versions = directory_digests::all(connection)?;
    if versions.is_empty() {
        return Ok(("not covered yet".to_owned(), Vec::new()));
    }
    let (mut findings, mut before, mut previous) = (Vec::new(), RowHashes::new(), String::new());
    for (version, expected) in versions.iter().zip(1..) {
        let name = format!("directory_imprints row {}", version.sequence);
        if version.sequence != expected {
            findings.push(format!("{name} follows a gap"));
            break;
        }
        if version.previous_hash != previous {
            findings.push(format!("{name} does not follow the row before it"));
        }
        if version.hash != version.right_hash() {
            findings.push(format!("{name} was changed: its hash is not that of its content"));
        }
        apply(&mut before, version);
        if version.whole != whole(&before) {
            findings.push(format!("{name} says another whole than the versions up to it"));
        }
        previous.clone_from(&version.hash);
    }
    let now = rows(connection)?;
    let differing = before.iter().filter(|(name, hash)| now.get(*name) != Some(hash)).map(|(name, _)| {
        let state = if now.contains_key(name) { "is not what its last change left behind" } else { "is gone" };
        format!("{} {state}", row(name))
    });
    let added = now.keys().filter(|name| !before.contains_key(*name)).map(|name| format!("{} was added by hand", row(name)));
    let strange: Vec<String> = differing.chain(added).collect();
    if strange.len() > NAMED {
        findings.push(format!("{} rows of the directory were changed by hand; these are the first", strange.len()));
    }
    findings.extend(strange.into_iter().take(NAMED));
    let named = directory_digests::named_by_audit(connection)?;
    let is_there = |hash: &String| versions.iter().any(|version| version.hash == *hash);
    findings.extend(
        named
            .iter()
            .filter(|hash| !is_there(hash))
            .map(|hash| format!("the version of the directory with the hash {hash} is gone; the audit record names it")),
    );
    Ok((format!("{} rows in {} versions", now.len(), versions.len()), findings))
}

fn row(name: &str) -> String {
    name.split_once(' ').map_or_else(|| name.to_owned(), |(table, key)| format!("{table} row {key}"))
}
