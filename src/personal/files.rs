//! What lies beside the database about a person: files of petitions, uploads, and messages in the folders of the document exchange.

use crate::app::App;
use crate::attachments::{processing, store as attachments, uploads};
use crate::db::service_error::ServiceError;
use crate::petitions::rules::traces::KnownTraces;
use std::io::{self, Read};
use std::path::Path;

/// Bytes of a message that are looked at once.
const PIECE: usize = 1024 * 1024;

/// Removes files that belong to no petition any more, with everything that was made of them.
///
/// # Errors
/// Those of the database and of the store of files.
pub(super) async fn remove_files(app: &App, ids: &[String]) -> Result<(), ServiceError> {
    for id in ids {
        // The files go before the row, so that what is cut short is found again by the worker.
        processing::remove_files(&app.attachments, id).await?;
        let id = id.clone();
        app.db.write(move |connection| attachments::forget(connection, &id)).await?;
    }
    Ok(())
}

/// Removes uploads that were begun.
///
/// # Errors
/// Those of the database and of the store of files.
pub(super) async fn remove_uploads(app: &App, ids: &[String]) -> Result<(), ServiceError> {
    for id in ids {
        uploads::remove(app, id).await?;
    }
    Ok(())
}

/// Removes every message in the folders of the document exchange that names one of these petitions or the person; says how many.
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

/// Whether a message names one of the petitions or the person; its words stand before its files.
fn tells_of(file: &Path, codes: &[String], known: &KnownTraces) -> io::Result<bool> {
    let mut bytes = Vec::new();
    std::fs::File::open(file)?.take(u64::try_from(PIECE).unwrap_or(u64::MAX)).read_to_end(&mut bytes)?;
    let text = String::from_utf8_lossy(&bytes);
    Ok(codes.iter().any(|code| text.contains(code.as_str())) || known.is_in(&text))
}
