//! Carrier over shared folders: `outbox`, `inbox`, `done` and `failed` below the folder of a link.
//!
//! Rules: files are written under a temporary name and then renamed. Only regular files ending in `xml` or `edxml`
//! and without a leading dot are read. A recently changed file may be incomplete and is marked as such.

use super::carrier::{Carrier, CarrierError, CarrierOutcome, ExchangeEnvelope, IncomingItem};
use crate::config::Config;
use futures_util::future::BoxFuture;
use std::fs::{self, DirBuilder, File, Permissions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Maximum messages per round; the rest waits for the next one.
const MOST: usize = 200;
/// A file unchanged for this long is considered complete.
const SETTLED: Duration = Duration::from_secs(60);

/// Transports messages through folders.
pub(super) struct FolderCarrier {
    folder: PathBuf,
    most_bytes: u64,
}

impl FolderCarrier {
    pub fn new(config: &Config, address: &str) -> Result<Self, CarrierError> {
        if !is_name(address) {
            return Err(CarrierError::Settings("the folder of a link is one name below the folder of the exchange"));
        }
        let folder = config.exchange_folder().join(address);
        Ok(Self { folder, most_bytes: u64::try_from(config.exchange_max_bytes).unwrap_or(u64::MAX) })
    }

    /// Runs file operations on the blocking thread pool.
    fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Path) -> io::Result<T> + Send + 'static,
    ) -> BoxFuture<'_, Result<T, CarrierError>> {
        let folder = self.folder.clone();
        Box::pin(async move {
            let done = tokio::task::spawn_blocking(move || {
                for name in ["outbox", "inbox", "done", "failed"] {
                    make_folder(&folder.join(name))?;
                }
                work(&folder)
            });
            match done.await {
                Ok(result) => result.map_err(|error| CarrierError::Unavailable(error.kind().to_string())),
                Err(_) => Err(CarrierError::Unavailable("the work on the folder ended early".to_owned())),
            }
        })
    }
}

/// Creates a folder without access for others. An existing folder keeps its permissions, so that an operator can
/// grant access to a group.
fn make_folder(folder: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

/// Creates a file for the other side with the permissions of its folder minus the execute bits: whoever can access
/// the folder may read the files in it.
fn make_file(folder: &Path, file: &Path) -> io::Result<File> {
    let rights = fs::metadata(folder)?.permissions().mode() & 0o060 | 0o600;
    let made = File::options().write(true).create(true).truncate(true).mode(rights).open(file)?;
    // Set explicitly, because the process umask would otherwise remove the group's permissions.
    made.set_permissions(Permissions::from_mode(rights))?;
    Ok(made)
}

/// Returns whether a text is a plain folder name that cannot lead to another directory.
pub(super) fn is_name(address: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    (1..=100).contains(&address.len()) && !address.starts_with('.') && address.chars().all(fits)
}

impl Carrier for FolderCarrier {
    fn send<'a>(&'a self, envelope: &'a ExchangeEnvelope) -> BoxFuture<'a, Result<(), CarrierError>> {
        let envelope = envelope.clone();
        self.work(move |folder| {
            let outbox = folder.join("outbox");
            let draft = outbox.join(format!(".{}.part", envelope.name));
            let mut file = make_file(&outbox, &draft)?;
            file.write_all(&envelope.bytes)?;
            file.sync_all()?;
            fs::rename(&draft, outbox.join(&envelope.name))?;
            File::open(&outbox)?.sync_all()
        })
    }

    fn arrived(&self) -> BoxFuture<'_, Result<Vec<IncomingItem>, CarrierError>> {
        self.work(|folder| {
            let mut names = Vec::new();
            for entry in fs::read_dir(folder.join("inbox"))? {
                let entry = entry?;
                let Ok(name) = entry.file_name().into_string() else { continue };
                let is_message = [".xml", ".edxml"].iter().any(|ending| name.to_ascii_lowercase().ends_with(ending));
                let about = entry.metadata()?;
                if is_message && !name.starts_with('.') && about.is_file() {
                    let age = about.modified().ok().and_then(|time| time.elapsed().ok());
                    names.push(IncomingItem { name, may_grow: age.is_none_or(|age| age < SETTLED) });
                }
            }
            names.sort_by(|one, other| one.name.cmp(&other.name));
            names.truncate(MOST);
            Ok(names)
        })
    }

    fn take<'a>(&'a self, arrived: &'a IncomingItem) -> BoxFuture<'a, Result<Vec<u8>, CarrierError>> {
        let (name, most) = (arrived.name.clone(), self.most_bytes.saturating_add(1));
        self.work(move |folder| {
            let mut bytes = Vec::new();
            File::open(folder.join("inbox").join(name))?.take(most).read_to_end(&mut bytes)?;
            Ok(bytes)
        })
    }

    fn finish<'a>(&'a self, arrived: &'a IncomingItem, ending: CarrierOutcome) -> BoxFuture<'a, Result<(), CarrierError>> {
        let name = arrived.name.clone();
        self.work(move |folder| {
            let target = folder.join(if ending == CarrierOutcome::Done { "done" } else { "failed" });
            let mut kept = target.join(&name);
            let mut turn = 1;
            // Keep an older file of the same name.
            while kept.exists() && turn < 1000 {
                kept = target.join(format!("{turn}-{name}"));
                turn += 1;
            }
            fs::rename(folder.join("inbox").join(&name), kept)
        })
    }
}
