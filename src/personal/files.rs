//! Deletes data about a person outside of the database: petition files, uploads, and messages in the folders of
//! the document exchange.

use crate::app::App;
use crate::attachments::{processing, store as attachments, uploads};
use crate::db::service_error::ServiceError;
use crate::petitions::rules::traces::KnownTraces;
use std::io::{self, Read};
use std::path::Path;

/// Bytes of a message searched at a time.
const PIECE: usize = 1024 * 1024;

/// Deletes files that no longer belong to a petition, with everything derived from them.
pub(super) async fn remove_files(app: &App, ids: &[String]) -> Result<(), ServiceError> {
    for id in ids {
        // Delete the files before the row, so that the worker can finish an interrupted deletion.
        processing::remove_files(&app.attachments, id).await?;
        let id = id.clone();
        app.db.write(move |connection| attachments::forget(connection, &id)).await?;
    }
    Ok(())
}

/// Deletes unfinished uploads.
pub(super) async fn remove_uploads(app: &App, ids: &[String]) -> Result<(), ServiceError> {
    for id in ids {
        uploads::remove(app, id).await?;
    }
    Ok(())
}

/// Deletes every message in the document exchange folders that mentions one of the petitions or the person.
/// Returns their number.
///
/// # Errors
/// When a folder cannot be read.
pub(super) async fn remove_messages(app: &App, codes: Vec<String>, known: KnownTraces) -> Result<usize, ServiceError> {
    let folder = app.config.exchange_folder();
    let done = tokio::task::spawn_blocking(move || remove_below(&folder, &codes, &known)).await;
    match done {
        Ok(Ok(removed)) => Ok(removed),
        Ok(Err(error)) => {
            tracing::error!(%error, "cannot search document exchange folders");
            Err(ServiceError::Internal("cannot search document exchange folders"))
        }
        Err(_) => Err(ServiceError::Internal("the work on the folders of the exchange ended early")),
    }
}

fn remove_below(folder: &Path, codes: &[String], known: &KnownTraces) -> io::Result<usize> {
    let mut removed = 0;
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
        Err(error) => return Err(error),
    };
    for entry in entries {
        let entry = entry?;
        let kind = entry.file_type()?;
        if kind.is_dir() {
            removed += remove_below(&entry.path(), codes, known)?;
        } else if kind.is_file() && tells_of(&entry.path(), codes, known)? {
            std::fs::remove_file(entry.path())?;
            removed += 1;
        }
    }
    Ok(removed)
}

/// Returns whether a message mentions one of the petitions or the person. In a message the text comes before
/// the files.
fn tells_of(file: &Path, codes: &[String], known: &KnownTraces) -> io::Result<bool> {
    let mut bytes = Vec::new();
    std::fs::File::open(file)?.take(u64::try_from(PIECE).unwrap_or(u64::MAX)).read_to_end(&mut bytes)?;
    let text = String::from_utf8_lossy(&bytes);
    Ok(codes.iter().any(|code| text.contains(code.as_str())) || known.is_in(&text))
}
