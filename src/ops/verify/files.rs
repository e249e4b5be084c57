//! Checks the uploaded files: each is in the file store with the recorded size and hash.

use super::ReportSink;
use super::RunningCheck;
use crate::attachments::Rendition;
use crate::attachments::store::{AttachmentRow, of_all_petitions};
use crate::db::Db;
use crate::db::file_store::{FileStore, FileStoreError};
use crate::db::service_error::ServiceError;
use data_encoding::HEXLOWER;
use futures_util::TryStreamExt;
use sha2::{Digest, Sha256};

/// Files per page.
const SPAN: i64 = 500;
/// Maximum number of missing files reported individually, in case the whole store is gone.
const NAMED: usize = 100;

/// Reads every file of every petition and returns the number of findings.
///
/// # Errors
/// `FilesAway` when the file store is unavailable.
pub async fn files(db: &Db, files: &FileStore, sink: ReportSink<'_>) -> Result<usize, ServiceError> {
    let mut check = RunningCheck::new("files");
    let (mut after, mut count, mut strange) = (String::new(), 0_usize, Vec::new());
    loop {
        let place = after.clone();
        let rows = db.read(move |connection| of_all_petitions(connection, &place, SPAN)).await?;
        let Some(last) = rows.last() else { break };
        after.clone_from(&last.id);
        count += rows.len();
        for row in &rows {
            strange.extend(judge(files, row).await?);
        }
    }
    let found = strange.len();
    if found > NAMED {
        check.find_all(vec![format!("{found} of {count} files are missing or were changed; these are the first")], sink);
    }
    strange.truncate(NAMED);
    check.find_all(strange, sink);
    Ok(check.end(format!("{count} files, each with its hash"), sink))
}

async fn judge(files: &FileStore, row: &AttachmentRow) -> Result<Option<String>, ServiceError> {
    let name = Rendition::Original.name(&row.id);
    let (size, mut stream) = match files.stream(&name).await {
        Ok(found) => found,
        Err(FileStoreError::Missing) => return Ok(Some(format!("attachments row {}: its file is missing", row.id))),
        Err(error) => return Err(error.into()),
    };
    if i64::try_from(size) != Ok(row.size) {
        return Ok(Some(format!("attachments row {}: its file has {size} bytes, {} are said", row.id, row.size)));
    }
    let mut hash = Sha256::new();
    while let Some(bytes) = stream.try_next().await? {
        hash.update(&bytes);
    }
    let is_same = HEXLOWER.encode(&hash.finalize()) == row.sha256;
    Ok((!is_same).then(|| format!("attachments row {}: its file has another hash than sha256", row.id)))
}
